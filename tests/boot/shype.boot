# Two banks on one machine: what no common type keeps apart, what the Chinese Wall keeps from running, and a policy that comes while both run.
# Flask's policy here allows tenants to share, so that what is refused is the second engine's doing.
# Variables: QEMU, MODULES (for -initrd, with Flask's policy), LOG, LOAD, BANKS and APART (sHype policies).

qemu ${QEMU}
qemu -initrd '${MODULES}'
forbid (^\((RAV|XEN)\) .*(panic|PANIC|Panic)|Kernel panic|init: .*(failed|does not answer|ended early))
start ${LOG}

set A system_u:system_r:guest_t:s0:c1
set B system_u:system_r:guest_t:s0:c2
set LOGS /var/log/xen/console

timeout ${LOAD}
must dom0's prompt, no sHype policy
  expect ^ravelin-dom0: ready (.*) s after
  expect ^dom0#
  shell
  upload ${BANKS} /tmp/banks
  upload ${APART} /tmp/apart
  try rav shype status
  match no sHype policy is in force
must both banks run, and stream to each other: Flask's policy does not mind
  run xl create -q /guest/a1.cfg
  run xl create -q /guest/b1.cfg
  until grep -q "guest: userspace of a1" ${LOGS}/guest-a1.log && grep -q "guest: userspace of b1" ${LOGS}/guest-b1.log
  run xl domid a1
  let A1 ([0-9]+)
  run xl domid b1
  let B1 ([0-9]+)
  guest-start a1 peer server ${B1} hello-from-a1 stream
  until grep -q "peer: serving" ${LOGS}/guest-a1.log
  guest-start b1 peer client ${A1} hello-from-b1 stream
  until [ $(grep -c "peer: stream received" ${LOGS}/guest-b1.log) -ge 2 ]

step without a policy the hotplug scripts refuse nothing
  run xl block-attach a1 phy:/dev/ram0 xvda w; xenstore-read /local/domain/0/backend/vbd/${A1}/51712/physical-device
  match ^1:0
step a load that conflicts is refused, with the list; nothing has changed
  fails rav shype load /tmp/banks
  match refused, running domains violate it
  match domain ${B1} b1 has something of domain ${A1} a1
  match domain ${B1} b1 runs beside one that its label conflicts with
  try rav shype status
  match no sHype policy is in force
  run grep -c "peer: stream received" ${LOGS}/guest-b1.log
  let LINES ^([0-9]+)
  until [ $(grep -c "peer: stream received" ${LOGS}/guest-b1.log) -ge $((${LINES} + 2)) ]
step the same load, forced: the stream is cut, b1 is paused, both are in the log
  run rav shype load --revoke /tmp/banks
  match policy banks, .*in force; taken away:
  match domain ${B1} b1 runs beside one that its label conflicts with: paused
  run xl list b1
  match ^b1 .* ..p---
  run xl dmesg
  match revoked=1 what="granted pages mapped" domid=${B1}
  match shype wall paused domid=${B1}
  match shype policy loaded name=banks
  until grep -q "peer: server ended" ${LOGS}/guest-a1.log
step a1 lives on
  guest a1 echo alive
  match ^alive
step the competitor does not run: unpause, create, create paused
  try xl unpause b1
  match Permission denied
  run xl list b1
  match ^b1 .* ..p---
  fails xl create -q /guest/b1.cfg 'name="b2"'
  fails xl create -q -p /guest/b1.cfg 'name="b3"'
  run xl list
  nomatch ^b[23]
  run xl dmesg
  match avc: .*denied .*\{ start \}.* target=${B1} .*engine=shype label=bank_b beside=${A1} beside-label=bank_a
  match avc: .*denied .*\{ create \}.* engine=shype label=bank_b beside=${A1}
step another of the first bank may run beside a1
  run xl create -q /guest/a2.cfg
  until grep -q "guest: userspace of a2" ${LOGS}/guest-a2.log
step nor by a change of label: one of a's does not become one of b's while the other runs; a guest of neither is not started
  fails xl create -q /guest/b1.cfg 'name="n1"' 'seclabel="system_u:system_r:guest_t:s0:c3"'
  run xl dmesg
  match engine=shype label=none
  fails rav label set a1 ${B}
  run xl dmesg
  match \{ relabelto \}.* engine=shype label=bank_b
step the hotplug scripts' question
  run rav shype may-share a1 label=disk_bank_a
  fails rav shype may-share b1 label=disk_bank_a
  match may not share
  fails rav shype may-share a1 b1
step the last of the first bank ends: the second may run
  run xl destroy a1
  try xl unpause b1
  match Permission denied
  run xl destroy a2
  until ! xl list a1 2>/dev/null && ! xl list a2 2>/dev/null
  run xl unpause b1
  run xl list b1
  nomatch ^b1 .* ..p---
  guest b1 echo alive
  match ^alive
  fails xl create -q /guest/a1.cfg
step without the wall both run; no common type, no page, no event
  run rav shype load /tmp/apart
  run xl create -q /guest/a1.cfg 'name="a4"'
  until grep -q "guest: userspace of a4" ${LOGS}/guest-a4.log
  run xl domid a4
  let A4 ([0-9]+)
  guest-start a4 peer server ${B1} hello-from-a4
  guest b1 peer client ${A4} hello-from-b1
  match peer: map refused:
  nomatch peer: received
  run xl dmesg
  match \{ map_read .*tclass=grant permissive=0 engine=shype label=bank_b other=bank_a
  match tclass=event permissive=0 engine=shype
step two of one bank share as before
  run xl create -q /guest/a1.cfg 'name="a5"'
  until grep -q "guest: userspace of a5" ${LOGS}/guest-a5.log
  run xl domid a5
  let A5 ([0-9]+)
  guest-start a5 peer server ${A4} hello-from-a5
  guest a4 peer client ${A5} hello-from-a4
  match received 16000 bytes sum=[0-9a-f]+ text=hello-from-a5
include tests/boot/shype-resources.boot
