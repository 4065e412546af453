# Debian's flask-get-bool and flask-set-bool: a boolean lets the control domain look into a running guest, and takes that away.
# Variables: QEMU, MODULES, POLICY (with the booleans of tests/policy/booleans.cil), LOG, LOAD.

qemu ${QEMU}
qemu -initrd '${MODULES}'
forbid (^\((RAV|XEN)\) .*(panic|PANIC|Panic)|Kernel panic|init: .*(failed|does not answer|ended early))
start ${LOG}

timeout ${LOAD}
must Ravelin and its control domain are up
  expect ^ravelin-dom0: ready (.*) s after
  expect ^dom0#
  shell
step a policy without booleans has none
  run flask-get-bool -a
  fails flask-get-bool debug_guests
  match No such file
must flask-loadpolicy: one that has two
  upload ${POLICY} /tmp/policy
  run flask-loadpolicy /tmp/policy
  run flask-get-bool -a
  match ^debug_guests: 0
  match ^lockdown: 1
must a guest runs
  run xl create -q /guest/a1.cfg
  until grep -q "guest: userspace of a1" /var/log/xen/console/guest-a1.log
  run xl domid a1
  let A1 ([0-9]+)
step denied: dom0's root maps the running guest's memory
  fails dom0map ${A1} 0x100
step flask-set-bool debug_guests 1: and now it may
  run flask-set-bool debug_guests 1
  run flask-get-bool debug_guests
  match ^debug_guests: 1
  run dom0map ${A1} 0x100
step it outlives a load of the policy
  run flask-loadpolicy /tmp/policy
  run flask-get-bool debug_guests
  match ^debug_guests: 1
  run dom0map ${A1} 0x100
step flask-set-bool debug_guests 0: and now it may not
  run flask-set-bool debug_guests 0
  fails dom0map ${A1} 0x100
  run xl dmesg
  match boolean=debug_guests value=0
step this policy is never permissive
  fails flask-setenforce 0
  try flask-getenforce
  match ^Enforcing
