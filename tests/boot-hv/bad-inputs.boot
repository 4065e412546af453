# Bad inputs: each ends in one clear line and a stop, never in a reset. Variables: QEMU (its command line without CPU and memory, with
# -kernel), CONSOLE (options), GUEST (a good kernel), BAD (the directory of broken ones), VMLINUZ, LOG.
timeout 120
forbid (PANIC|panic|#GP|#PF|#DF)

step no module
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}'
  start ${LOG}
  expect boot stopped: no kernel for domain 0
  stop

step a kernel that is a text file
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${BAD}/text'
  start ${LOG}
  expect dom0 kernel is not an ELF file
  expect boot stopped: domain 0 could not be built
  stop

step a kernel whose ELF header is cut
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${BAD}/header'
  start ${LOG}
  expect dom0 kernel is truncated: its ELF header
  expect boot stopped: domain 0 could not be built
  stop

step a kernel whose segments are cut
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${BAD}/cut'
  start ${LOG}
  expect dom0 kernel is truncated: a segment
  expect boot stopped: domain 0 could not be built
  stop

step a 32-bit kernel
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${BAD}/elf32'
  start ${LOG}
  expect dom0 kernel is not a 64-bit x86 ELF file
  expect boot stopped: domain 0 could not be built
  stop

step a kernel without a PVH note
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${BAD}/nonote'
  start ${LOG}
  expect dom0 kernel has no PVH entry note
  expect boot stopped: domain 0 could not be built
  stop

step segments that overlap
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${BAD}/overlap'
  start ${LOG}
  expect dom0 kernel has segments that overlap
  expect boot stopped: domain 0 could not be built
  stop

step a segment of absurd size
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${BAD}/absurd'
  start ${LOG}
  expect dom0 kernel has a segment that does not end below 4 GiB
  expect boot stopped: domain 0 could not be built
  stop

step a segment where no memory is
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${BAD}/high'
  start ${LOG}
  expect dom0 kernel: memory does not hold
  expect boot stopped: domain 0 could not be built
  stop

step a compressed kernel
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${BAD}/gzip'
  start ${LOG}
  expect dom0 kernel is compressed
  expect boot stopped: domain 0 could not be built
  stop

step a vmlinuz: the line names the tool
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${VMLINUZ}'
  start ${LOG}
  expect dom0 kernel is a compressed vmlinuz: .*ravelin-unpack-kernel
  expect boot stopped: domain 0 could not be built
  stop

step a policy that is damaged
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${GUEST} hello,${BAD}/policy-bad'
  start ${LOG}
  expect policy refused at byte [0-9]+
  expect boot stopped: no policy
  stop

step a policy that is cut
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE}' -initrd '${GUEST} hello,${BAD}/policy-cut'
  start ${LOG}
  expect policy refused at byte [0-9]+
  expect boot stopped: no policy
  stop

step no policy wanted
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE} flask=disabled' -initrd '${GUEST} hello'
  start ${LOG}
  expect flask=disabled is refused
  expect boot stopped: a boot option is refused
  stop

step too little memory for the hypervisor
  qemu ${QEMU} -cpu ${CPU} -m 48 -append '${CONSOLE}' -initrd '${GUEST} hello'
  start ${LOG}
  expect boot stopped: too little memory
  stop

step less memory than dom0_mem= asks for
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE} dom0_mem=4G' -initrd '${GUEST} hello'
  start ${LOG}
  expect less than dom0_mem= asks for
  expect boot stopped: domain 0 could not be built
  stop

step less dom0_mem= than the kernel needs
  qemu ${QEMU} -cpu ${CPU} -m 512 -append '${CONSOLE} dom0_mem=1M' -initrd '${GUEST} hello'
  start ${LOG}
  expect dom0 kernel: memory does not hold
  expect boot stopped: domain 0 could not be built
  stop

step a processor without SVM
  qemu ${QEMU} -cpu qemu64,-svm -m 512 -append '${CONSOLE}' -initrd '${GUEST} hello'
  start ${LOG}
  expect boot stopped: this CPU has no AMD SVM
  stop

step a processor without nested paging
  qemu ${QEMU} -cpu ${CPU},-npt -m 512 -append '${CONSOLE}' -initrd '${GUEST} hello'
  start ${LOG}
  expect boot stopped: this CPU has no nested paging
  stop
