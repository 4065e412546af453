# One boot and one guest; what QEMU's log says of exits from guests is counted between the steps (exits.sh). Variables: QEMU, MODULES, LOG, MARK.
qemu ${QEMU}
qemu -initrd '${MODULES}'
timeout 60
must prompt
  start ${LOG}
  expect ^ravelin-dom0: ready
  expect ^dom0#
  host ${MARK} boot
must shell
  shell
  run xl list
  host ${MARK} -
must create
  run xl create -q /guest/a1.cfg 'tsc_mode="native"' 'name="one"'
  host ${MARK} create
must userspace
  until grep -q "guest: userspace" /var/log/xen/console/guest-one.log
  host ${MARK} userspace
must destroy
  run xl destroy one
  host ${MARK} destroy
