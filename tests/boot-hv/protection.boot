# The hypervisor's own protection, seen at work: each start commits one deliberate fault (selftest=) and must end in a panic
# that says which. Then: a crash record survives a warm reset. Variables: QEMU (its command line, with -kernel and -m 512), LOG.
timeout 120

step a panic prints a backtrace with names
  qemu ${QEMU} -append 'selftest=panic noreboot'
  start ${LOG}
  expect selftest: panic
  expect selftest: asked for
  expect backtrace, image at ffffffff
  expect [0-9a-f]{16}  .*[+]0x
  expect halted \(noreboot\)
  stop

step a stack overflow hits the guard page and is reported from another stack
  qemu ${QEMU} -append 'selftest=stack noreboot'
  start ${LOG}
  expect selftest: stack
  expect #DF .*guard page
  expect backtrace, image at ffffffff
  expect [0-9a-f]{16}  .*[+]0x
  expect halted \(noreboot\)
  stop

step code is not writable
  qemu ${QEMU} -append 'selftest=wx noreboot'
  start ${LOG}
  expect selftest: wx
  expect #PF in the hypervisor, error 0x3
  expect backtrace, image at ffffffff
  expect [0-9a-f]{16}  .*[+]0x
  expect halted \(noreboot\)
  stop

step constants are not writable
  qemu ${QEMU} -append 'selftest=rodata noreboot'
  start ${LOG}
  expect selftest: rodata
  expect #PF in the hypervisor, error 0x3
  expect backtrace, image at ffffffff
  expect [0-9a-f]{16}  .*[+]0x
  expect halted \(noreboot\)
  stop

step what boot decided is not writable afterwards
  qemu ${QEMU} -append 'selftest=sealed noreboot'
  start ${LOG}
  expect selftest: sealed
  expect #PF in the hypervisor, error 0x3
  expect backtrace, image at ffffffff
  expect [0-9a-f]{16}  .*[+]0x
  expect halted \(noreboot\)
  stop

step data is not executable
  qemu ${QEMU} -append 'selftest=nx noreboot'
  start ${LOG}
  expect selftest: nx
  expect #PF in the hypervisor, error 0x11
  expect backtrace, image at ffffffff
  expect [0-9a-f]{16}  .*[+]0x
  expect halted \(noreboot\)
  stop

step an index outside its array is caught
  qemu ${QEMU} -append 'selftest=bounds noreboot'
  start ${LOG}
  expect selftest: bounds
  expect #UD in the hypervisor
  expect backtrace, image at ffffffff
  expect [0-9a-f]{16}  .*[+]0x
  expect halted \(noreboot\)
  stop

step no identity map is left
  qemu ${QEMU} -append 'selftest=null noreboot'
  start ${LOG}
  expect selftest: null
  expect #PF in the hypervisor, error 0x2, cr2 0+1000
  expect backtrace, image at ffffffff
  expect [0-9a-f]{16}  .*[+]0x
  expect halted \(noreboot\)
  stop

# A warm reset keeps RAM: here it is a file that two machines use one after the other.
step a crash is reported at the next boot
  qemu ${QEMU} -object memory-backend-file,id=ram,size=512M,mem-path=${LOG}.ram,share=on -machine memory-backend=ram
  qemu -append 'selftest=panic'
  start ${LOG}
  expect selftest: asked for
  expect reboot in
  ended
  stop
  qemu ${QEMU} -object memory-backend-file,id=ram,size=512M,mem-path=${LOG}.ram,share=on -machine memory-backend=ram
  qemu -append 'selftest=panic noreboot'
  start ${LOG}
  expect crashed before this boot
  expect \| .*selftest: asked for
  stop
  host rm -f ${LOG}.ram
