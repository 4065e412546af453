# What two banks may not share: a bridge, a disk, by xl while they run and at creation; how a disk and an image are known again. Part of shype.boot: policy
# apart is in force, a4 and a5 are one bank's, b1 is the other's; Flask's policy lets tenants share. Debian's backends in dom0, our hotplug scripts under the
# names that libxl takes by itself. What libxl could not attach it leaves in the xenstore: each refusal here is of a device of its own.

step bridges, a disk and an image; without a store of labels nobody gets anything
  run brctl addbr br_a; brctl addbr br_ab; brctl addbr br_none; ifconfig br_a up; ifconfig br_ab up
  run mkdir -m 700 /run/d; dd if=/dev/urandom of=/run/d/a.img bs=64k count=16; dd if=/dev/urandom of=/run/d/os.img bs=64k count=32
  fails xl block-attach a4 phy:/run/d/a.img xvdf w
  match refused: .*there is no store of labels
step labels: a bridge, a disk that is written to, an image that is only read
  fails rav shype setlabel --bridge br_a no_such_label
  match the policy in force has no such label
  run rav shype setlabel --bridge br_a net_bank_a
  run rav shype setlabel --bridge br_ab common
  run rav shype setlabel --disk /run/d/a.img disk_bank_a
  match ^disk file:[0-9a-f-]+: label disk_bank_a of policy apart, seen as /run/d/a.img
  run rav shype setlabel --disk /run/d/os.img --read-only common
  match ^image sha256:[0-9a-f]+: label common
  run rav shype resources
  show
step a bank's guest gets its disk and its network, and uses both
  run xl network-attach a4 bridge=br_a
  run xl block-attach a4 phy:/run/d/a.img xvda w
  run ls /sys/class/net/br_a/brif
  match vif${A4}\.0
  run md5sum < /run/d/a.img
  let SUM ^([0-9a-f]{32})
  guest a4 until [ -b /dev/xvda ]; do sleep 0.1; done; md5sum < /dev/xvda
  match ${SUM}
step the competitor gets neither while it runs, and is told why
  fails xl network-attach b1 bridge=br_a
  match refused: domain ${B1} \(bank_b\) and br_a \(net_bank_a\) have no type in common
  fails xl block-attach b1 phy:/run/d/a.img xvdg w
  match refused: domain ${B1} \(bank_b\) and /run/d/a.img \(disk_bank_a\) have no type in common
  run ls /sys/class/net/br_a/brif
  nomatch vif${B1}\.
  run grep -c "refused: domain ${B1} (bank_b)" /var/log/xen/ravelin-hotplug.log
  match ^2
  run xl dmesg
  match \{ attach \} for domid=0 target=${B1} .*tclass=shype .*engine=shype label=bank_b other=net_bank_a
  match \{ attach \} for domid=0 target=${B1} .*tclass=shype .*engine=shype label=bank_b other=disk_bank_a
step nor when it is created
  fails xl create -q /guest/b1.cfg 'name="b2"' 'vif=["bridge=br_a"]'
  match refused: domain [0-9]+ \(bank_b\) and br_a
  fails xl create -q /guest/b1.cfg 'name="b2"' 'disk=["phy:/run/d/a.img,xvda,w"]'
  match refused: domain [0-9]+ \(bank_b\) and /run/d/a.img
  run xl list
  nomatch ^b2
step a bridge whose label has both types is no meeting place: who is there first decides
  run xl network-attach a4 bridge=br_ab
  fails xl network-attach b1 bridge=br_ab
  match domain ${B1} \(bank_b\) would meet domain ${A4} \(bank_a\) in br_ab
  run xl dmesg
  match \{ attach \} for domid=0 target=${B1} .* with=0x.*engine=shype label=bank_b other=bank_a
  run xl network-detach a4 1
  until ! ls /sys/class/net/br_ab/brif | grep -q vif
  run xl network-attach b1 bridge=br_ab
step two of one bank share a bridge and a disk
  run xl network-attach a5 bridge=br_a
  run xl block-attach a5 phy:/run/d/a.img xvda r
  guest a5 until [ -b /dev/xvda ]; do sleep 0.1; done; md5sum < /dev/xvda
  match ${SUM}
  guest-start a4 ifconfig eth0 10.0.7.1 netmask 255.255.255.0 up; echo up
  guest a5 until ifconfig eth0 10.0.7.2 netmask 255.255.255.0 up; do sleep 0.1; done; until ping -c 1 -W 1 10.0.7.1; do sleep 0.1; done
  match 1 packets received
step both banks read one image, and neither writes to it
  run xl block-attach a5 phy:/run/d/os.img xvdb r
  run xl block-attach b1 phy:/run/d/os.img xvdb r
  fails xl block-attach b1 phy:/run/d/os.img xvdi w
  match refused: /run/d/os.img: this file has no identifier of its own
step an image that was replaced under its path is another one
  run cp /run/d/os.img /run/d/kept.img; mv /run/d/os.img /run/d/moved.img; dd if=/dev/urandom of=/run/d/os.img bs=64k count=32
  fails xl block-attach a4 phy:/run/d/os.img xvdj r
  match refused: /run/d/os.img: no image with this SHA-256 has a label
  run xl block-attach a4 phy:/run/d/kept.img xvdb r
step the label of a disk goes with it; what comes into its place has none
  run mv /run/d/a.img /run/d/b.img; cp /run/d/b.img /run/d/a.img
  fails xl block-attach b1 phy:/run/d/b.img xvdk w
  match refused: domain ${B1} \(bank_b\) and /run/d/b.img \(disk_bank_a\) have no type in common
  fails xl block-attach a5 phy:/run/d/a.img xvdl w
  match refused: /run/d/a.img: this file has no identifier of its own
  run xl block-attach a5 phy:/run/d/b.img xvdd w
step what has no label is nobody's
  fails xl network-attach a4 bridge=br_none
  match refused: br_none: it has no label
  fails xl block-attach a4 phy:/dev/ram0 xvdm w
  match refused: /dev/ram0: the device has no identifier that stays
step a store that is damaged is no store
  run cp -p /var/lib/ravelin/shype-labels /run/d/labels; sed -i 's/disk_bank_a/common/; $d' /var/lib/ravelin/shype-labels
  fails xl network-attach a4 bridge=br_a
  match refused: .*/shype-labels: line [0-9]+: cut short
  run cp -p /run/d/labels /var/lib/ravelin/shype-labels
step nothing is attached that was refused
  run ls /sys/class/net/br_*/brif | grep -c vif
  match ^3
  run cat /sys/block/loop*/loop/backing_file | grep -c /run/d
  match ^6
step what is attached is asked about again, after a label was changed; it goes with its guest
  run rav shype attached
  match ^backend/vbd/${B1}/[0-9]+: domain ${B1} \(bank_b\) may have image sha256:.*\(common\)
  match ^backend/vif/${A4}/0: domain ${A4} \(bank_a\) may have br_a
  nomatch REFUSED
  run rav shype rmlabel --id "$(rav shype resources | sed -n 's/: .*//; /^disk/p')"
  fails rav shype attached
  match ^backend/vbd/${A4}/[0-9]+: REFUSED: disk file:.*: it has no label
  run xl destroy a5
  until [ $(cat /sys/block/loop*/loop/backing_file 2>/dev/null | grep -c /run/d) = 3 ] && [ $(ls /sys/class/net/br_*/brif | grep -c vif) = 2 ]
