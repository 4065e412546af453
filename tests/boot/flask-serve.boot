# Debian's blkback and netback in dom0 serve two guests; a policy takes one guest's pages and channels from dom0. Two rounds, so that
# dom0's kernel has grown to what it keeps, and has its scratch page, before memory is counted.

must b1, a guest of another kind and tenant, reads a disk and gets replies of dom0's backends
  run xl destroy p1
  run xl destroy p2
  run dd if=/dev/urandom of=/dev/ram0 bs=64k count=64; md5sum </dev/ram0
  let SUM0 ^([0-9a-f]{32})
  run dd if=/dev/urandom of=/dev/ram1 bs=64k count=64; md5sum </dev/ram1
  let SUM1 ^([0-9a-f]{32})
  run xl create -q /guest/plain.cfg 'name="b1"' 'seclabel="${OTHER}"' 'disk=["phy:/dev/ram1,xvda,w"]' 'vif=["ip=10.0.2.2,script=vif-demo"]'
  until grep -q "guest: userspace of b1" ${LOGS}/guest-b1.log
  guest b1 ifconfig eth0 10.0.2.2 netmask 255.255.255.0 up; (traffic disk /dev/xvda & traffic net 10.0.2.1 &)
  until grep -q "disk pass 1 sum ${SUM1}" ${LOGS}/guest-b1.log && grep -q "net reply 3" ${LOGS}/guest-b1.log

set ROUND first round
include tests/boot/flask-revoke.boot
step free memory is counted
  run freepages
  let FREE ^([0-9]+)$
set ROUND second round
include tests/boot/flask-revoke.boot
step free memory is to the page what it was
  until [ $(freepages) = ${FREE} ]
step b1 was served from beginning to end: no sector wrong, no outage
  run grep -v "disk pass [0-9]* sum ${SUM1} at" ${LOGS}/guest-b1.log
  nomatch traffic: disk
  # A busy emulator may cost a ping here and there; an outage costs those of five seconds in a row.
  run grep -o "net reply [0-9]*" ${LOGS}/guest-b1.log | awk 'NR > 1 { n = $3 - last - 1; lost += n; if (n > worst) worst = n } { last = $3 } END { print NR, "replies,", lost + 0, "lost,", worst + 0, "in a row"; exit worst >= 25 || lost * 4 > NR }'
  show
step dom0's kernel took it without complaint
  run dmesg
  nomatch BUG: |Oops|Call Trace|WARNING: CPU|protection fault
