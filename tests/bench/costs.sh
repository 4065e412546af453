#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: what one operation costs a guest, in instructions of hypervisor and all; the same in each run. The test guest is domain 0.
# Locking: none; one machine at a time.
# Trust boundary: a measurement, no assertion.
# Usage: costs.sh BUILD ravelin|xen...; writes BUILD/bench/NAME.costs, a name and a number a line
set -eu
build=$1
shift
out=$build/bench
count='-icount shift=0,sleep=off -rtc base=2026-01-01T00:00:00,clock=vm -seed 1'
common="-smp 2 -m 1024 -display none -no-reboot -cpu EPYC,+svm,+npt,-monitor,-rdtscp -accel tcg"
console='com1=115200,8n1 console=com1 dom0_mem=256M'
guest=$build/tests/guest.elf
mkdir -p "$out"

# costs NAME QEMU...: until the guest has said how many passed
costs()
{
	name=$1
	shift
	rm -f "$out/$name.serial" "$out/$name.costs"
	# shellcheck disable=SC2086
	timeout 300 qemu-system-x86_64 $common $count -serial "file:$out/$name.serial" "$@" -initrd "$guest costs,$guest" < /dev/null 2> /dev/null &
	until grep -qsa 'guest: .* passed' "$out/$name.serial" || ! kill -0 $! 2> /dev/null; do
		sleep 0.2
	done
	kill $! 2> /dev/null || true
	wait $! || true
	grep -qa 'guest: 1 passed, 0 failed' "$out/$name.serial" || { tail -n 5 "$out/$name.serial" >&2; echo "costs.sh: $name did not finish" >&2; exit 1; }
	sed -n 's/\r$//; s/.*guest: cost \([^ ]*\) \([0-9]*\)$/\1 \2/p' "$out/$name.serial" > "$out/$name.costs"
}

for name; do
	case $name in
	ravelin) costs ravelin -machine q35 -kernel "$build/ravelin" -append "$console" ;;
	xen) costs xen -machine q35,kernel-irqchip=off -device amd-iommu -kernel "$build/debian-xen" \
		-append "$console dom0=pvh max_cstate=0 tsc_mode=native" ;;
	esac
done
