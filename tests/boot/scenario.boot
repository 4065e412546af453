# The scenario a new user sees: labelled guests of two tenants, what the policy allows, what it forbids, and how a
# denial becomes a rule. Variables: QEMU (its command line), MODULES (for -initrd), LOG, LOAD (how long guests may take);
# XSM with a policy: POLICY, POLICY_CIL, OUT; RUN for a user's terminal at the end.

qemu ${QEMU}
qemu -initrd '${MODULES}'
forbid (^\((RAV|XEN)\) .*(panic|PANIC|Panic)|Kernel panic|init: .*(failed|does not answer|ended early))
start ${LOG}

set A system_u:system_r:guest_t:s0:c1
set B system_u:system_r:guest_t:s0:c2

timeout ${LOAD}
when XSM
must Ravelin starts with a policy and labelled domains
  expect Ravelin
  expect [Pp]olicy.*[0-9a-f]{32}
  expect domain 0: label system_u:system_r:dom0_t:
end
must Debian's kernel, xenstored and xenconsoled are up: dom0's prompt
  expect ^ravelin-dom0: ready (.*) s after
  let READY (.*)
  expect ^dom0#
  shell

step xl info and xl list work
  run xl info
  match ^xen_version *: 4\.17
  let FREE ^free_memory *: ([0-9]+)
  run xl list
  match ^Domain-0 +0 +

when XSM
step dom0 has its label
  run xl list -Z
  let DOM0 ^Domain-0 .* (system_u:system_r:dom0_t:[^ ]+)
  try xl getenforce
  match Enforcing
  dmesg
end

must xl create: a1, tenant 1
  run xl create -q /guest/a1.cfg
step a1 reaches its user space
  until grep -q "guest: userspace of a1" /var/log/xen/console/guest-a1.log
must xl create: a2, tenant 1
  run xl create -q /guest/a2.cfg
step a2 reaches its user space
  until grep -q "guest: userspace of a2" /var/log/xen/console/guest-a2.log
must xl create: b1, tenant 2
  run xl create -q /guest/b1.cfg
step b1 reaches its user space
  until grep -q "guest: userspace of b1" /var/log/xen/console/guest-b1.log
  run xl domid a1
  let A1 [0-9]+
  run xl domid a2
  let A2 [0-9]+
  run xl domid b1
  let B1 [0-9]+

when XSM
step xl list -Z shows the labels
  run xl list -Z
  match ^a1 .* ${A}$
  match ^a2 .* ${A}$
  match ^b1 .* ${B}$
end

step xl console talks to a guest's shell
  send xl console a1
  expect BusyBox
  send echo answer-$((6 * 7))
  expect ^answer-42
  key 29
  run xl domid a1

step allowed: a1 and a2, one tenant, exchange bytes between their user spaces
  guest-start a1 peer server ${A2} hello-from-a1
  guest a2 peer client ${A1} hello-from-a2
  match received 16000 bytes sum=[0-9a-f]+ text=hello-from-a1
  let SUM_SENT sent 16000 bytes sum=([0-9a-f]+)
  let SUM_RECEIVED received 16000 bytes sum=([0-9a-f]+)
  until grep -q "peer: server ended" /var/log/xen/console/guest-a1.log
  run grep peer: /var/log/xen/console/guest-a1.log
  match received 16000 bytes sum=${SUM_SENT} text=hello-from-a2
  match sent 16000 bytes sum=${SUM_RECEIVED}

when XSM
  include tests/boot/forbidden.boot
  include tests/boot/mended.boot
end
unless XSM
step forbidden: a guest's calls at the control interfaces
  guest a1 hostile ${A2}
  nomatch hostile: .*: done
end

step xl pause and unpause
  run xl pause a2
  run xl list a2
  match ^a2 .* ..p---
  run xl unpause a2
  guest a2 echo alive
  match ^alive
step xl vcpu-list, uptime, rename
  run xl vcpu-list
  match ^a1 +[0-9]+ +0 +
  run xl uptime
  match ^a1
  run xl rename b1 b1-renamed
  run xl list
  match ^b1-renamed
step xl reboot: a1 comes back
  run xl reboot a1
  until [ $(grep -c "guest: userspace of a1" /var/log/xen/console/guest-a1.log) = 2 ]
step xl shutdown: a2 ends by itself
  run xl shutdown -w a2
step xl destroy: nothing of the guests is left
  run xl destroy b1-renamed
  run xl destroy a1
  until [ $(xl list | wc -l) = 2 ]
  until [ $((${FREE} - $(xl info | sed -n "s|^free_memory *: ||p"))) -le 1 ]
when RUN
  leave
  interact dom0's console is yours; Ctrl-A X ends QEMU.
end
