# The test guest as domain 0: what a kernel needs, what the policy denies, hostile children one after the other, create and destroy.
# Variables: QEMU (its command line without CPU and memory, with -kernel), CPU, CONSOLE, GUEST, CYCLES, LOG.
timeout ${WAIT}
forbid (PANIC|in the hypervisor|guest: FAIL|guest: child FAIL)

qemu ${QEMU} -cpu ${CPU} -m 1024 -append '${CONSOLE} dom0_mem=512M'
qemu -initrd '${GUEST} hello timer halts smp evtchn2l fifo grant denied children cycles cycles=${CYCLES},${GUEST}'
start ${LOG}
must Ravelin builds domain 0
  expect domain 0: label system_u:system_r:dom0_t
step version, features, CPUID
  expect guest: ok hello
step local APIC timer in three modes, pvclock, singleshot timer
  expect guest: ok timer
step no interrupt between STI and HLT, wherever the host is interrupted
  expect guest: ok halts
step a second vCPU by INIT and SIPI, interrupts both ways
  expect guest: ok smp
step event channels, two-level and FIFO
  expect guest: ok evtchn2l
  expect guest: ok fifo
step grants: map, unmap, copy
  expect guest: ok grant
step denied: a label dom0 may not create, permissive mode, a running guest's memory
  expect avc:  denied  \{ create \} .*tclass=domain
  expect avc:  denied  \{ map_read( map_write)? \} .*tcontext=system_u:system_r:guest_t.*tclass=mmu
  expect guest: ok denied
step children that behave
  expect guest: child ok: hello
  expect guest: child ok: timer
step a child that attacks domain 0 is denied everything
  expect avc:  denied  \{ domctl \} .*tclass=interface
  expect guest: child ok: attack
step a child that triple-faults, one without page tables
  expect guest: child ok: triple
  expect guest: child ok: badstate
step four vCPUs that loop with interrupts off, one that halts for good, one that idles
  expect guest: child ok: spin
  expect guest: child ok: dead
  expect guest: child ok: idle
step odd instructions, odd accesses, control registers at random
  expect guest: child ok: insns
  expect guest: child ok: mmio
  expect guest: child ok: controls
step every MSR
  expect guest: child ok: msrs
step every port
  expect guest: child ok: ports
step garbage to every hypercall from two vCPUs
  expect guest: child ok: garbage seed=1
  expect guest: child ok: garbage seed=2
  expect guest: child ok: garbage seed=3
  expect guest: child ok: garbage seed=4
  expect guest: ok children
step domains created and destroyed: no page is lost
  expect guest: ok cycles
step the machine powers off
  expect guest: 10 passed, 0 failed
  ended
  stop
