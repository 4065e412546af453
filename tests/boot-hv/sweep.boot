# The sweeps of DESIGN ("Tested by construction") from a guest: a policy that allows everything, less all, less `use`, less one permission
# after the other. Variables: QEMU (its command line without CPU and memory, with -kernel), CPU, CONSOLE, GUEST, SWEEP (the policy), WAIT, LOG.
timeout ${WAIT}
forbid (PANIC|in the hypervisor|guest: FAIL|guest: sweep: .* is -?[0-9]+, not)

qemu ${QEMU} -cpu ${CPU} -m 1024 -append '${CONSOLE} dom0_mem=512M' -initrd '${GUEST} stress sweep,${GUEST},${SWEEP}'
start ${LOG}
must Ravelin starts under the sweeps' policy
  expect domain 0: label system_u:system_r:dom0_t
step two vCPUs create, run and destroy domains while policies are loaded: nothing hangs, nothing is lost
  expect guest: ok stress
step every permission in turn: the operations that name it are denied, all others enter their handler
  expect guest: sweep: [0-9]+ of [0-9]+ uses of operations, [0-9]+ permissions, [0-9]+ calls, 0 wrong
  expect guest: ok sweep
  ended
  stop
