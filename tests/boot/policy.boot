# rav policy and rav label in the control domain: a denial explained and mended, what the new policy changes, loaded, revoked; labels listed and changed.
# Variables: QEMU, MODULES, POLICY, RAV (the program, for the build host), OUT (a folder), LOG, LOAD.

qemu ${QEMU}
qemu -initrd '${MODULES}'
forbid (^\((RAV|XEN)\) .*(panic|PANIC|Panic)|Kernel panic|init: .*(failed|does not answer|ended early))
start ${LOG}

set A system_u:system_r:guest_t:s0:c1
set KIOSK system_u:system_r:kiosk_t:s0:c1

timeout ${LOAD}
must Ravelin and its control domain are up
  expect ^ravelin-dom0: ready (.*) s after
  expect ^dom0#
  shell
step the hash that the hypervisor printed is rav's
  host ${RAV} policy hash ${POLICY}
  let HASH ^([0-9a-f]+)
  run xl dmesg
  match policy: .* sha256 ${HASH}
step rav policy show: enforcing
  run rav policy show
  match ^mode +enforcing
  run rav policy show --json
  match "mode":"enforcing"
must a guest runs
  run xl create -q /guest/a1.cfg
  until grep -q "guest: userspace of a1" /var/log/xen/console/guest-a1.log
  run xl domid a1
  let A1 ([0-9]+)
step rav label list, show: as the policy has it, by number and by name
  run rav label list
  match ^ +0 +Domain-0 +system_u:system_r:dom0_t:s0-s0:c0.c1023
  match ^ +${A1} +a1 +${A}
  run rav label show a1
  match ^${A}
  run rav label show --json ${A1}
  match "name":"a1","label":"${A}"
  fails rav label show 999
  match no domain 999
  match try: .rav label list

step denied: dom0's root maps a running guest's memory
  fails dom0map ${A1} 0x100
step rav policy explain, in dom0 and with the sources: the rule that is missing, and what it would open
  upload ${POLICY} /tmp/default
  run sh -c 'xl dmesg | rav policy explain -p /tmp/default; [ $? -eq 1 ]'
  match ^denied: .*dom0_t.* -> ${A} mmu \{ map_read
  run sh -c 'xl dmesg | grep "tclass=mmu" | tail -n 1'
  host ${RAV} policy explain -p policy/flask; true
  match to allow it, add: \(allow dom0_t guest_t \(mmu \(map_read( map_write)?\)\)\)
  match every dom0_t to every guest_t, of any tenant
  host sed -n 's/.*to allow it, add: //p' >${OUT}/added.cil; cat ${OUT}/added.cil
  match ^\(allow dom0_t guest_t
step rav policy build, diff, graph: the new policy differs in that alone
  host ${RAV} policy build -o ${OUT}/mended policy/flask ${OUT}/added.cil; ${RAV} policy diff ${POLICY} ${OUT}/mended; ${RAV} policy graph -p ${OUT}/mended -m memory -o ${OUT}/reach.svg; ${RAV} policy graph -p ${OUT}/mended -m memory
  match ^\+ dom0_t -> guest_t mmu
  nomatch ^-
  match ^dom0_t -> guest_t: memory: mmu:map_read
step rav policy load: mended
  upload ${OUT}/mended /tmp/mended
  run rav policy load /tmp/mended
  match ^/tmp/mended: in force, sha256 [0-9a-f]+, 0 permissions
  run dom0map ${A1} 0x100
  match dom0map: mapped
step the old policy again: denied
  run rav policy load --json /tmp/default
  match "sha256":"${HASH}","loaded":true
  fails dom0map ${A1} 0x100
step a policy that is not whole is refused before the hypervisor is asked
  fails sh -c 'head -c 9211 /tmp/default >/tmp/cut; rav policy load /tmp/cut'
  match refused at byte [0-9]+, section

step rav label set: denied by the default policy, and says what it needs
  fails rav label set a1 ${KIOSK}
  match no label ${KIOSK}
  fails rav label set a1 system_u:system_r:guest_t:s0:c2
  match relabel: denied
  match try: .*domain2:relabelfrom
step under a policy with another kind of guest that may be relabelled: done, and shown
  host sed -n '/^```cil kiosk.cil/,/^```$/p' docs/POLICY-GUIDE.md | sed '1d;$d' >${OUT}/kiosk.cil; echo '(allow dom0_t guest_t (domain2 (relabelfrom)))(allow guest_t kiosk_t (domain (transition)))' >>${OUT}/kiosk.cil; ${RAV} policy build -o ${OUT}/kiosk policy/flask ${OUT}/kiosk.cil
  match ^${OUT}/kiosk: [0-9]+ bytes
  upload ${OUT}/kiosk /tmp/kiosk
  run rav policy load /tmp/kiosk
  run rav label set a1 ${KIOSK}
  match ^${A1}: ${KIOSK}, before: ${A}
  run rav label show a1
  match ^${KIOSK}
step a label that the next policy does not know may do nothing and is seen by nobody, until a policy knows it again
  run rav policy load /tmp/default
  fails rav label show a1
  match no domain is named 'a1'
  run rav label list
  nomatch a1
  run rav policy load /tmp/kiosk
  run rav label show a1
  match ^${KIOSK}
