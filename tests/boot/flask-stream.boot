# Two guests stream over a granted page and an event channel; a policy without their rules cuts the stream, an allowed one lets the next begin.

step allowed: p1 and p2 stream to each other
  guest-start p1 peer server ${P2} hello-from-p1 stream
  until grep -q "peer: serving" ${LOGS}/guest-p1.log
  guest-start p2 peer client ${P1} hello-from-p2 stream
  until [ $(grep -c "peer: stream received" ${LOGS}/guest-p2.log) -ge 2 ]
  run lag ${LOGS}/guest-p1.log
  let LAG1 ^(-?[0-9]+)$
  run lag ${LOGS}/guest-p2.log
  let LAG2 ^(-?[0-9]+)$
step left alone: the same policy is loaded again, the stream goes on
  run xl loadpolicy ${WHOLE}; grep -c "peer: stream received" ${LOGS}/guest-p2.log
  let LINES ^([0-9]+)
  until [ $(grep -c "peer: stream received" ${LOGS}/guest-p2.log) -ge $((${LINES} + 3)) ]
  run xl dmesg
  nomatch revoked=
step cut: a policy without the pair's rules is loaded; the last byte came less than a second after
  dmesg
  run xl loadpolicy ${UNPAIRED}; millis
  let LOADED ^([0-9]{13})
  until grep -q "peer: client ended" ${LOGS}/guest-p2.log && grep -q "peer: server ended" ${LOGS}/guest-p1.log
  run grep peer: ${LOGS}/guest-p2.log
  match peer: stream cut: received [0-9]{5,} bytes
  match peer: after the cut: 0 events, no byte
  let LAST stream cut: received [0-9]+ bytes, the last at ([0-9]{13})
  run d=$((${LAST} + ${LAG2} - ${LOADED})); echo "the last byte came $d ms after the load, or earlier"; [ $d -lt 1000 ]
  show p2:
  run grep peer: ${LOGS}/guest-p1.log
  match peer: after the cut: 0 events, no byte
  let LAST stream cut: received [0-9]+ bytes, the last at ([0-9]{13})
  run d=$((${LAST} + ${LAG1} - ${LOADED})); echo "the last byte came $d ms after the load, or earlier"; [ $d -lt 1000 ]
  show p1:
step logged: which domain lost what
  run xl dmesg | grep revoked=
  match revoked=1 what="granted pages mapped" domid=${P2}
  match revoked=1 what="event channels bound" domid=${P1}
step denied: no new exchange begins; dom0 and both guests live on
  guest-start p1 peer server ${P2} hello-from-p1
  guest p2 peer client ${P1} hello-from-p2
  match peer: map refused:
  nomatch peer: received
  dmesg
  avc scontext=${PAIR} tcontext=${PAIR} tclass=grant perm=map_read
  avc tclass=event perm=bind
  guest p1 echo p1-alive
  match ^p1-alive
  guest p2 echo p2-alive
  match ^p2-alive
step allowed again: the old policy is loaded, a new exchange begins
  run xl loadpolicy ${WHOLE}
  guest-start p1 peer server ${P2} hello-again
  guest p2 peer client ${P1} hello-back
  match received 16000 bytes sum=[0-9a-f]+ text=hello-again
