# audit_full=block: a guest whose records have no room waits for the daemon; nothing is lost. Variables: as in audit.boot.

qemu ${QEMU}
qemu -initrd '${MODULES}'
forbid (^\((RAV|XEN)\) .*(panic|PANIC|Panic)|Kernel panic|init: .*(failed|does not answer|ended early))
start ${LOG}

timeout ${LOAD}
must Ravelin with audit_full=block, and a guest
  expect ^ravelin-dom0: ready (.*) s after
  expect ^dom0#
  shell
  run rav audit stats
  match audit_full=block
  run xl create -q /guest/a1.cfg
  until grep -q "guest: userspace of a1" /var/log/xen/console/guest-a1.log
  run xl domid a1
  let A1 [0-9]+
step while nothing is stored the flood stands still, dom0 does not
  run sh -c 'cut -d. -f1 /proc/uptime >/tmp/stopped; kill -STOP $(pidof rav)'
  guest-start a1 hostile 0 flood 1000
  run sh -c 'sleep 2; xl list'
  # A guest waits ten seconds at most: on a machine so slow that it has gone on, what was lost is counted. Else nothing is.
  run ! grep "hostile: flood:" /var/log/xen/console/guest-a1.log || test $(($(cut -d. -f1 /proc/uptime) - $(cat /tmp/stopped))) -ge 9
step the daemon goes on, and so does the guest; every denial is stored
  run sh -c 'kill -CONT $(pidof rav); stood=$(($(cut -d. -f1 /proc/uptime) - $(cat /tmp/stopped))); echo stood $stood s; [ $stood -lt 9 ] || touch /tmp/too-long'
  show
  until grep "hostile: flood: 1000 of 1000 denied" /var/log/xen/console/guest-a1.log
  until test $(($(rav audit show --denied --domain ${A1} --permission domctl --raw | wc -l) + $(rav audit stats | sed -n "s/^ *\([0-9]*\)  domain ${A1}$/\1/p" | grep . || echo 0))) = 1000
  run test -e /tmp/too-long || { rav audit stats | grep ", 0 lost since boot" && ! rav audit stats | grep "lost for want of room"; }
  run rav audit verify
  match ^whole and unchanged
