# Guests come and go; the hypervisor's free memory is afterwards exactly what it was. Variables: QEMU, MODULES, LOG, CYCLES.
qemu ${QEMU}
qemu -initrd '${MODULES}'
forbid (^\(RAV\) .*(panic|PANIC)|Kernel panic)
timeout 300
must dom0's prompt
  start ${LOG}
  expect ^ravelin-dom0: ready
  expect ^dom0#
  shell
# the first guest makes dom0's kernel and daemons grow to what they keep
must a guest to warm up
  run xl create -q /guest/a1.cfg && xl destroy a1
  run sleep 1; freepages
  let FREE ^([0-9]+)$
timeout 3600
step ${CYCLES} guests created and destroyed while they boot
  run for i in $(seq ${CYCLES}); do xl create -q /guest/a1.cfg && xl destroy a1 || exit 1; done
  show
timeout 300
step free memory is exactly what it was
  run sleep 1; freepages
  match ^${FREE}$
  run xl list
  nomatch ^a1
