# An sHype policy as one more boot module. Variables: QEMU, MODULES (for -initrd, with the sHype policy), LOG, LOAD.

qemu ${QEMU}
qemu -initrd '${MODULES}'
start ${LOG}

timeout ${LOAD}
must the policy of the boot module is in force
  expect shype: policy banks: 4 labels
  expect ^ravelin-dom0: ready (.*) s after
  expect ^dom0#
  shell
  run rav shype status
  match policy banks
step a1 runs; b1 is refused; a1 ends; b1 runs; now a1 is refused
  run xl create -q /guest/a1.cfg
  until grep -q "guest: userspace of a1" /var/log/xen/console/guest-a1.log
  fails xl create -q /guest/b1.cfg
  run xl destroy a1
  until ! xl list a1 2>/dev/null
  run xl create -q /guest/b1.cfg
  until grep -q "guest: userspace of b1" /var/log/xen/console/guest-b1.log
  fails xl create -q /guest/a1.cfg
