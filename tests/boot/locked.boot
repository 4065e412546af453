# flask=locked: what the policy is, it remains until reboot. Variables: as in booleans.boot.

qemu ${QEMU}
qemu -initrd '${MODULES}'
forbid (^\((RAV|XEN)\) .*(panic|PANIC|Panic)|Kernel panic|init: .*(failed|does not answer|ended early))
start ${LOG}

timeout ${LOAD}
must Ravelin and its control domain are up
  expect ^ravelin-dom0: ready (.*) s after
  expect ^dom0#
  shell
step the banner says so
  run xl dmesg
  match policy: .*enforcing, locked until reboot
step refused and audited: another policy
  upload ${POLICY} /tmp/policy
  try flask-loadpolicy /tmp/policy
  match Operation not permitted
  fails xl loadpolicy /tmp/policy
  run xl dmesg
  match policy refused .*locked until reboot
  fails flask-get-bool debug_guests
