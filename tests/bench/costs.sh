#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: what one operation costs a guest, in instructions, on Ravelin and on Debian's Xen; the same in each run.
# Locking: none; one machine at a time.
# Trust boundary: a measurement, no assertion.
# Usage: costs.sh BUILD
set -eu
build=$1
out=$build/bench
count='-icount shift=0,sleep=off -rtc base=2026-01-01T00:00:00,clock=vm -seed 1'
common="-smp 2 -m 1024 -display none -no-reboot -cpu EPYC,+svm,+npt,-monitor,-rdtscp -accel tcg"
mkdir -p "$out"

# costs NAME QEMU...: its dom0 is the test guest
costs()
{
	name=$1
	shift
	rm -f "$out/$name.serial"
	# shellcheck disable=SC2086
	timeout 300 qemu-system-x86_64 $common $count -serial "file:$out/$name.serial" "$@" < /dev/null 2> /dev/null &
	until grep -qsa 'guest: .* passed' "$out/$name.serial" || ! kill -0 $! 2> /dev/null; do
		sleep 0.2
	done
	kill $! 2> /dev/null || true
	wait $! || true
	sed -n 's/\r$//; s/.*guest: cost \([^ ]*\) \([0-9]*\)$/\1 \2/p' "$out/$name.serial" > "$out/$name.costs"
	[ -s "$out/$name.costs" ] || { echo "costs.sh: no figure from $name" >&2; exit 1; }
}

console='com1=115200,8n1 console=com1 dom0_mem=256M'
costs ravelin -machine q35 -kernel "$build/ravelin" -append "$console" -initrd "$build/tests/guest.elf costs"
costs xen -machine q35,kernel-irqchip=off -device amd-iommu -kernel "$build/debian-xen" \
	-append "$console dom0=pvh max_cstate=0 tsc_mode=native" -initrd "$build/tests/guest.elf costs"
echo "instructions for one of each (Xen decodes each VMMCALL's length here, which real processors report)"
printf '%-20s %14s %10s %7s\n' '' "Debian's Xen" Ravelin ratio
while read -r what r; do
	x=$(sed -n "s/^$what //p" "$out/xen.costs")
	printf '%-20s %14s %10s %7s\n' "$what" "${x:-none}" "$r" "$([ -z "$x" ] || awk "BEGIN { printf \"%.2f\", $r / $x }")"
done < "$out/ravelin.costs"
