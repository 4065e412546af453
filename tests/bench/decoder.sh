#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: how many of Debian's Xen's instructions for one operation go into svm_get_insn_len(): the length of an instruction, which processors report and
#   QEMU 7.2 does not. Each instruction in Xen's text is traced; from that function's first one to the one behind its call they are the decoder's, whatever they call.
# Locking: none; one machine at a time.
# Trust boundary: a measurement, no assertion.
# Usage: decoder.sh BUILD XEN-SYMBOLS TABLE; writes TABLE: name, instructions of Xen, those of the decoder
set -eu
build=$1 symbols=$2 table=$3
out=$build/bench
rounds=4
guest=$build/tests/guest.elf
mkdir -p "$out"
rm -f "$out/decoder.serial" "$out/decoder.in" "$out/decoder.log"
mkfifo "$out/decoder.in" "$out/decoder.log"

address() { nm "$1" | awk -v name="$2" '$3 == name { print $1; exit }'; }
mark=$(address "$guest" costs_mark) first=$(address "$symbols" _stext) last=$(address "$symbols" _etext) entry=$(address "$symbols" svm_get_insn_len)

# A line: Trace CPU: host address [cs/pc/flags/cflags]. Marks come in fours: around the empty loop, around the operation's.
awk -v mark="$mark" -v entry="$entry" -v rounds=$rounds '
	function number(hex,  i, n) { n = 0; for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1; return n }
	/^Trace/ {
		cpu = $2
		pc = substr($4, index($4, "/") + 1, 16)
		if (pc == mark) {
			if (++marks % 4 == 2) { empty = all; empty_decoder = decoder }
			if (marks % 4 == 0) { printf "%d %d\n", (all - empty) / rounds, (decoder - empty_decoder) / rounds; fflush() }
			all = decoder = 0
			next
		}
		if (substr(pc, 1, 8) != substr(entry, 1, 8)) next
		all++
		if (pc == entry) { inside[cpu] = 1; back[cpu] = number(substr(before[cpu], 9)) + 5 }
		else if (inside[cpu] && number(substr(pc, 9)) == back[cpu]) inside[cpu] = 0
		if (inside[cpu]) decoder++
		before[cpu] = pc
	}' < "$out/decoder.log" > "$out/decoder.counts" &
reader=$!
timeout 240 qemu-system-x86_64 -smp 2 -m 1024 -display none -no-reboot -cpu EPYC,+svm,+npt,-monitor,-rdtscp -accel tcg \
	-icount shift=0,sleep=off -rtc base=2026-01-01T00:00:00,clock=vm -seed 1 -machine q35,kernel-irqchip=off -device amd-iommu \
	-kernel "$build/debian-xen" -append 'com1=115200,8n1 console=com1 dom0_mem=256M dom0=pvh max_cstate=0 tsc_mode=native' \
	-initrd "$guest costs rounds=$rounds wait=20,$guest" -serial "file:$out/decoder.serial" -monitor stdio \
	-D "$out/decoder.log" -dfilter "0x$first..0x$last,0x$mark+1" < "$out/decoder.in" > /dev/null 2>&1 &
qemu=$!
exec 3> "$out/decoder.in"
wait_for() { until grep -qsa "$1" "$out/decoder.serial" || ! kill -0 $qemu 2> /dev/null; do sleep 0.05; done; }
wait_for 'guest: started'
echo 'singlestep on' >&3
echo 'log exec,nochain' >&3
wait_for 'guest: .* passed'
kill $qemu 2> /dev/null || true
wait $qemu || true
exec 3>&-
wait $reader
sed -n 's/\r$//; s/.*guest: cost \([^ ]*\) \([0-9]*\)$/\1/p' "$out/decoder.serial" | paste -d' ' - "$out/decoder.counts" > "$out/xen.decoder"
{ sed -n '/^#/p' "$table"; awk '{ printf "%-28s %8d %8d\n", $1, $2, $3 }' "$out/xen.decoder"; } > "$table.new"
mv "$table.new" "$table"
rm -f "$out/decoder.in" "$out/decoder.log"
