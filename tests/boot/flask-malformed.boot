# A policy that is not whole is refused whole, with the place and the reason, and the one in force stays.

step refused: half a policy
  run xl dmesg | grep -c "policy loaded"
  let LOADS ^([0-9]+)
  fails head -c 15000 ${WHOLE} >/tmp/bad; xl loadpolicy /tmp/bad
  run xl dmesg | grep "policy refused" | tail -n 1
  match policy refused offset=[0-9]+ section="[a-z]+" reason="[a-z ]+"
  show
step refused: a policy with four bytes of its rules overwritten
  fails cp ${WHOLE} /tmp/bad; printf "\377\377\377\377" | dd of=/tmp/bad bs=1 seek=26000 conv=notrunc; xl loadpolicy /tmp/bad
  run xl dmesg | grep "policy refused" | tail -n 1
  match policy refused offset=2[56][0-9]{3} section="rules" reason="[a-z ]+"
  show
step refused: something else
  fails xl loadpolicy /guest/plain.cfg
  run xl dmesg | grep "policy refused" | tail -n 1
  match policy refused offset=[0-9]+ section="header" reason="not a policy"
  show
step in force: still the old policy, by the log and by what it allows
  run xl dmesg | grep -c "policy loaded"
  match ^${LOADS}$
  guest-start p1 peer server ${P2} hello-still
  guest p2 peer client ${P1} hello-back
  match received 16000 bytes sum=[0-9a-f]+ text=hello-still
