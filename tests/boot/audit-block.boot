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
  run sh -c 'kill -STOP $(pidof rav)'
  guest-start a1 hostile 0 flood 1000
  run sh -c 'sleep 3; xl list'
  fails grep "hostile: flood:" /var/log/xen/console/guest-a1.log
step the daemon goes on, and so does the guest; every denial is stored
  run sh -c 'kill -CONT $(pidof rav)'
  until grep "hostile: flood: 1000 of 1000 denied" /var/log/xen/console/guest-a1.log
  until test $(rav audit show --denied --domain ${A1} --permission domctl --raw | wc -l) = 1000
  run rav audit stats
  nomatch lost for want of room
  match , 0 lost since boot
  run rav audit verify
  match ^whole and unchanged
