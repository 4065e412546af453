# The audit log: stored by a confined daemon, read by Debian's own tools, a flood survived, every kind of tampering detected.
# Variables: QEMU (its command line), MODULES (for -initrd), POLICY, AUDITD (folder of Debian's auditd), OUT, LOG, LOAD.

qemu ${QEMU}
qemu -initrd '${MODULES}'
forbid (^\((RAV|XEN)\) .*(panic|PANIC|Panic)|Kernel panic|init: .*(failed|does not answer|ended early))
start ${LOG}

set A system_u:system_r:guest_t:s0:c1
set B system_u:system_r:guest_t:s0:c2

timeout ${LOAD}
must Ravelin and its control domain are up
  expect ^ravelin-dom0: ready (.*) s after
  expect ^dom0#
  shell
step the audit daemon runs: no root, no capabilities, system calls filtered
  run grep -E "^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/$(pidof rav)/status
  match ^Uid:.990
  match ^CapEff:.0000000000000000
  match ^CapBnd:.0000000000000000
  match ^NoNewPrivs:.1
  match ^Seccomp:.2
step the log begins with the boot: policy, version, the control domain's label
  until rav audit show --type SYSTEM_BOOT
  match policy=[0-9a-f]{64} fallback=0 enforcing=1
  run rav audit show --type VIRT_CONTROL --domain 0
  match op=create domid=0 vm-ctx=system_u:system_r:dom0_t:
step it is whole and unchanged
  run rav audit verify
  match ^whole and unchanged: [0-9]+ records

must two guests of two tenants
  run xl create -q /guest/a1.cfg
  run xl create -q /guest/b1.cfg
  until grep -q "guest: userspace of a1" /var/log/xen/console/guest-a1.log
  until grep -q "guest: userspace of b1" /var/log/xen/console/guest-b1.log
  run xl domid a1
  let A1 [0-9]+
  run xl domid b1
  let B1 [0-9]+
step creation and label of each are records
  until rav audit show --type VIRT_MACHINE_ID --domain ${B1}
  match op=label domid=${B1} by=0 old-ctx=system_u:system_r:guest_build_t:s0:c2 vm-ctx=${B}
step denials, found by domain, label, class, permission, operation; as JSON
  guest a1 hostile ${B1} destroydomain grant_map
  until rav audit show --denied --domain ${A1} --class interface --permission domctl
  match denied  \{ domctl \} .*scontext=${A}
  run rav audit show --denied --label guest_t:s0:c2 --operation "grant_table.*" --json
  match "permissions":\["map_read","map_write"\]
  match "tcontext":"${B}"
  fails rav audit show --denied --domain ${B1} --class xen

step a flood: the neighbour's denial is stored, what the flood lost is counted
  run rav audit stats
  nomatch lost for want of room
  guest-start a1 hostile ${B1} flood 4000
  guest b1 hostile ${A1} physinfo
  match hostile: physinfo: .* \((1|13)\)
  until grep "hostile: flood: " /var/log/xen/console/guest-a1.log
  match flood: 4000 of 4000 denied
  until rav audit show --denied --domain ${B1} --permission sysctl
  until rav audit stats | grep -q "domain ${A1}$"
  run rav audit stats --domain ${A1}
  show rav audit stats
  match [0-9]+  domain ${A1}$
  nomatch [0-9]+  domain ${B1}$
step every denial of the flood is a record or in a count
  until test $(($(rav audit show --denied --domain ${A1} --permission domctl --raw | wc -l) + $(rav audit stats | sed -n "s/^ *\([0-9]*\)  domain ${A1}$/\1/p"))) = 4001
step the log is whole and unchanged
  run rav audit verify
  match ^whole and unchanged

step by hand: sha256sum over the lines gives the hypervisor's head
  run sh -c 'cd /var/log/ravelin; h=$(printf %064d 0); grep -hv "^type=DAEMON_" $(ls -rv audit.log*) | head -n 25 | { while read -r line; do h=$(printf %s%s $h "$line" | sha256sum | cut -c1-64); done; echo by hand: $h; }'
  let HAND by hand: ([0-9a-f]+)
  run sh -c 'rav audit verify --head $(rav audit head | cut -d: -f1):25:${HAND}'
  match ^whole and unchanged

step Debian's ausearch, aureport, audit2allow and audit2why read the file
  run sh -c 'cat $(ls -rv /var/log/ravelin/audit.log*) | head -n 60; rav audit show --raw --denied --operation "grant_table.*"'
  host cat >${OUT}; echo stored
  host ${AUDITD}/sbin/ausearch -if ${OUT} -m AVC -i
  match type=AVC msg=audit.* denied  \{ domctl \}
  host ${AUDITD}/sbin/ausearch -if ${OUT} -m SYSTEM_BOOT,VIRT_CONTROL,VIRT_MACHINE_ID
  match op=create domid=${A1}
  host ${AUDITD}/sbin/ausearch -if ${OUT} -m AVC -se guest_t
  match scontext=${A}
  host ${AUDITD}/sbin/aureport -if ${OUT} --avc
  match guest_t.*interface.*domctl.*denied
  host audit2allow -p ${POLICY} -i ${OUT}
  match allow guest_t guest_self_t:interface domctl;
  host audit2why -p ${POLICY} -i ${OUT}
  match Missing type enforcement|Was caused by

step tampering: a record edited
  run sh -c 'rm -rf /tmp/t; cp -a /var/log/ravelin /tmp/t; sed -i "/ domid=${A1} /s/denied/grantd/" /tmp/t/audit.log*'
  fails rav audit verify --log /tmp/t
  match ^TAMPERED OR DAMAGED
step tampering: a record removed
  run sh -c 'rm -rf /tmp/t; cp -a /var/log/ravelin /tmp/t; sed -i "/op=label domid=${A1} /d" /tmp/t/audit.log*'
  fails rav audit verify --log /tmp/t
  match ^TAMPERED OR DAMAGED: .*record [0-9]+ where [0-9]+ belongs
step tampering: two records exchanged
  run sh -c 'rm -rf /tmp/t; cp -a /var/log/ravelin /tmp/t; cd /tmp/t; f=$(ls -rv audit.log* | head -n 1); awk "NR == 5 { held = \$0; next } { print } NR == 6 { print held }" $f >new; mv new $f'
  fails rav audit verify --log /tmp/t
  match ^TAMPERED OR DAMAGED: .*out of order
step tampering: the end cut off
  run sh -c 'rm -rf /tmp/t; mkdir /tmp/t; cat $(ls -rv /var/log/ravelin/audit.log*) | head -n -3 >/tmp/t/audit.log'
  fails rav audit verify --log /tmp/t
  match ^TAMPERED OR DAMAGED: .*confirmed as stored and .*missing
step tampering: an older copy put back
  run sh -c 'rm -rf /tmp/old /tmp/t; cp -a /var/log/ravelin /tmp/old'
  fails xl create -q /guest/plain.cfg 'seclabel="system_u:system_r:xenstore_t:s0"'
  until rav audit show --denied --class domain --permission create
  fails rav audit verify --log /tmp/old
  match ^TAMPERED OR DAMAGED: .*confirmed as stored and .*missing
step tampering: a whole log of somebody's own, consistent in itself
  run sh -c 'rm -rf /tmp/t; mkdir /tmp/t; sed "/^type=DAEMON_END/d; s/physinfo/nothing/; / domid=${B1} /s/sysctl/nobody/" $(ls -rv /var/log/ravelin/audit.log*) | sed "2,\$ {/^type=DAEMON_START/d;}" >/tmp/t/audit.log'
  fails rav audit verify --log /tmp/t
  match ^TAMPERED OR DAMAGED: .*another head than the hypervisor
step tampering: the log removed
  fails sh -c 'rm -rf /tmp/t; mkdir /tmp/t; rav audit verify --log /tmp/t'

step follow prints a record as it is stored
  run sh -c 'rav audit follow --denied --domain ${B1} >/tmp/follow 2>&1 & echo $! >/tmp/follow.pid; sleep 1'
  guest b1 hostile ${A1} setenforce
  until grep "denied  { xsm_op }" /tmp/follow
  run sh -c 'kill $(cat /tmp/follow.pid)'

step the daemon killed: started again, it goes on without a gap
  run sh -c 'kill -9 $(pidof rav); sleep 1'
  until pidof rav
  guest b1 hostile ${A1} readconsole
  until test $(rav audit show --raw --denied --domain ${B1} --permission sysctl | wc -l) = 2
  run rav audit verify
  match ^whole and unchanged
