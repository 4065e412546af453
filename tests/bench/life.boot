# One boot, three guests one after the other; life.sh reads the times of the steps. TSC: native where a choice exists.
qemu ${QEMU}
qemu -initrd '${MODULES}'
timeout 60
must prompt
  start ${LOG}
  expect ^ravelin-dom0: ready
  expect ^dom0#
must shell
  shell
  run xl list
must create
  run xl create -q /guest/a1.cfg 'tsc_mode="native"' 'name="one"'
must userspace
  until grep -q "guest: userspace" /var/log/xen/console/guest-one.log
must destroy
  run xl destroy one
must create
  run xl create -q /guest/a1.cfg 'tsc_mode="native"' 'name="two"'
must userspace
  until grep -q "guest: userspace" /var/log/xen/console/guest-two.log
must destroy
  run xl destroy two
must create
  run xl create -q /guest/a1.cfg 'tsc_mode="native"' 'name="three"'
must userspace
  until grep -q "guest: userspace" /var/log/xen/console/guest-three.log
must destroy
  run xl destroy three
