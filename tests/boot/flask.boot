# What exists follows the policy: a load cuts streams, disks and networks that the new policy denies, and nothing else.
# Variables: QEMU (its command line), MODULES (for -initrd, with the policy), LOG, LOAD (how long a guest may take).

qemu ${QEMU}
qemu -initrd '${MODULES}'
forbid (^\((RAV|XEN)\) .*(panic|PANIC|Panic)|Kernel panic|Oops|BUG: |init: .*(failed|does not answer|ended early))
start ${LOG}

set PAIR system_u:system_r:pair_t:s0:c1
set OTHER system_u:system_r:guest_t:s0:c2
set LOGS /var/log/xen/console
set WHOLE /guest/policy/whole
set UNPAIRED /guest/policy/unpaired
set UNSERVED /guest/policy/unserved

timeout ${LOAD}
must dom0's prompt, under a policy with a kind of guest of its own
  expect ^ravelin-dom0: ready (.*) s after
  expect ^dom0#
  shell
must two guests of the kind: p1 and p2
  run xl create -q /guest/plain.cfg 'name="p1"' 'seclabel="${PAIR}"'
  run xl create -q /guest/plain.cfg 'name="p2"' 'seclabel="${PAIR}"'
  until grep -q "guest: userspace of p1" ${LOGS}/guest-p1.log
  until grep -q "guest: userspace of p2" ${LOGS}/guest-p2.log
  run xl domid p1
  let P1 [0-9]+
  run xl domid p2
  let P2 [0-9]+

include tests/boot/flask-stream.boot
include tests/boot/flask-malformed.boot
include tests/boot/flask-boolean.boot
include tests/boot/flask-serve.boot
