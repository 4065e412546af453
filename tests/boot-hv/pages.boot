# The hypervisor's page tables by QEMU's own dump, while guests run: stopped at breakpoints in the hypervisor. Then dumps with a fault planted
# must be refused. Variables: QEMU (its command line without CPU and memory, with -kernel), CPU, CONSOLE, GUEST, PAGES (the checker),
# SYMBOLS (of the image), WAIT, LOG.
timeout ${WAIT}
forbid (PANIC|in the hypervisor|guest: FAIL|guest: child FAIL)

qemu ${QEMU} -cpu ${CPU} -m 1024 -append '${CONSOLE} dom0_mem=512M' -initrd '${GUEST} hello fifo vcpuinfo children cycles cycles=100000,${GUEST}'
qemu -gdb unix:${LOG}.gdb,server=on,wait=off
start ${LOG}
must domain 0 and a guest run
  expect guest: child ok: hello
must nothing is writable and executable, or the users', or mapped without being listed
  host ${PAGES} ${SYMBOLS} ${LOG}.gdb ${LOG}.pages
  show the dumps
  match pages: [0-9]+ dumps, [1-9][0-9]* windows in use, [1-9][0-9]* pinned pages, 0 wrong
  match [1-9][0-9]* stops at edge_window_unmap
step the machine went on
  expect guest: child ok: garbage seed=4
  expect op=create domid=[0-9][0-9]
  expect op=destroy domid=[0-9][0-9]
  stop
  host rm -f ${LOG}.gdb
step planted: text that is writable is found
  host sed '/^ffffffff/s/: \(.*\) -G--A----$/: \1 -G--A---W/' ${LOG}.pages >${LOG}.planted; ! ${PAGES} ${SYMBOLS} - ${LOG}.planted
  match writable and executable
step planted: a user's page, a page of a guest's, an alias of text, a guard page
  host sed '/^ffff8/s/---W$/--UW/' ${LOG}.pages >${LOG}.planted; ! ${PAGES} ${SYMBOLS} - ${LOG}.planted
  match accessible to user mode
  host { echo '0000000000400000: 0000000030000000 XG-DA---W'; cat ${LOG}.pages; } >${LOG}.planted; ! ${PAGES} ${SYMBOLS} - ${LOG}.planted
  match lower half
  host { echo "ffffd00000001000: $(sed -n '/^ffffffff/{s/^[^ ]* \([^ ]*\) .*/\1/p;q}' ${LOG}.pages) XG-DA---W"; cat ${LOG}.pages; } >${LOG}.planted; ! ${PAGES} ${SYMBOLS} - ${LOG}.planted
  match another way to what the image holds constant
  host { echo 'ffffc00000009000: 0000000030000000 XG-DA---W'; cat ${LOG}.pages; } >${LOG}.planted; ! ${PAGES} ${SYMBOLS} - ${LOG}.planted
  match guard page
