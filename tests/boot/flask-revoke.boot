# One round: s1 is served as b1 is, then a policy forbids it, then s1 is destroyed. Variables: ROUND, SUM0, and those of flask.boot.

must ${ROUND}: s1, of the kind, is served, too
  run xl loadpolicy ${WHOLE}; rm -f ${LOGS}/guest-s1.log
  run xl create -q /guest/plain.cfg 'name="s1"' 'seclabel="${PAIR}"' 'disk=["phy:/dev/ram0,xvda,w"]' 'vif=["ip=10.0.1.2,script=vif-demo"]'
  until grep -q "guest: userspace of s1" ${LOGS}/guest-s1.log
  run xl domid s1
  let S1 [0-9]+
  set COUNTS cat /sys/bus/xen-backend/devices/vbd-${S1}-51712/statistics/rd_sect /sys/class/net/vif${S1}.0/statistics/rx_packets
  guest s1 ifconfig eth0 10.0.1.2 netmask 255.255.255.0 up; (traffic disk /dev/xvda & traffic net 10.0.1.1 &)
  until grep -q "disk pass 2 sum ${SUM0}" ${LOGS}/guest-s1.log && grep -q "net reply 3" ${LOGS}/guest-s1.log
step ${ROUND}: the policy without dom0's rules for s1 is loaded; its disk and its network stand still
  run c="${COUNTS}"; old=$($c); sleep 1; new=$($c); set -- $old $new; echo $1 $2, then $3 $4; [ $3 -gt $1 ] && [ $4 -gt $2 ]
  show sectors read and packets received, growing:
  run xl loadpolicy ${UNSERVED} >/dev/null; c="${COUNTS}"; sleep 0.7; old=$($c); sleep 1.5; new=$($c); echo $old, then $new; [ "$old" = "$new" ]
  show sectors read and packets received, standing still:
  run xl dmesg | grep revoked=
  match revoked=[0-9]+ what="granted pages mapped" domid=0
  match revoked=[0-9]+ what="event channels bound" domid=0
step ${ROUND}: b1 is served on, and may be controlled as before
  run grep -c "traffic: disk pass" ${LOGS}/guest-b1.log
  let DISK ^([0-9]+)
  run grep -c "traffic: net reply" ${LOGS}/guest-b1.log
  let NET ^([0-9]+)
  until [ $(grep -c "traffic: disk pass" ${LOGS}/guest-b1.log) -gt $((${DISK} + 3)) ] && \
    [ $(grep -c "traffic: net reply" ${LOGS}/guest-b1.log) -gt $((${NET} + 3)) ]
  guest b1 echo b1-alive
  match ^b1-alive
step ${ROUND}: s1 can be destroyed, and leaves nothing behind
  run xl destroy s1
  until [ $(xl list | wc -l) = 3 ]
  until ! ls /sys/bus/xen-backend/devices /sys/class/net | grep -E "(vbd|vif|console)-?${S1}[-.]"
