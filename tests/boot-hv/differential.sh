#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Purpose: the same hypercalls on Ravelin and on Debian's Xen: what they return and what they write. Each difference must be on the reviewed list.
# Locking: none; one machine after the other.
# Trust boundary: the build host; what the machines print is data.
# Usage: differential.sh BUILD [SEED]
set -eu
build=$1 seed=${2:-1}
out=$build/differential
qemu="${QEMU:-qemu-system-x86_64 -accel tcg,thread=single} -smp 2 -m 1024 -display none -no-reboot -cpu EPYC,+svm,+npt,-monitor,-rdtscp"
count='-icount shift=0,sleep=off -rtc base=2026-01-01T00:00:00,clock=vm -seed 1'
console='com1=115200,8n1 console=com1 dom0_mem=256M'
mkdir -p "$out"

# calls NAME QEMU...: its domain 0 is the test guest
calls()
{
	name=$1
	shift
	rm -f "$out/$name.serial"
	# The limit is the processor's time: a busy build host is no hang.
	# shellcheck disable=SC2086
	(ulimit -t 120; exec timeout 1800 $qemu $count -serial "file:$out/$name.serial" "$@") </dev/null >/dev/null 2>&1 &
	until grep -qsaE '^(D end|guest: .* passed)' "$out/$name.serial" || ! kill -0 $! 2>/dev/null; do
		sleep 0.2
	done
	kill $! 2>/dev/null || true
	wait $! || true
	tr -d '\r' <"$out/$name.serial" | grep -a '^D ' >"$out/$name.calls"
	grep -qx 'D end' "$out/$name.calls" || { echo "differential: $name did not come to its end, see $out/$name.serial" >&2; exit 1; }
}

calls ravelin -machine q35 -kernel "$build/ravelin" -append "$console" \
	-initrd "$build/tests/guest.elf differential seed=$seed,$build/tests/guest.elf,$build/tests/sweep.policy"
calls xen -machine q35,kernel-irqchip=off -device amd-iommu -kernel "$build/debian-xen" \
	-append "$console dom0=pvh max_cstate=0 tsc_mode=native serial_tx_buffer=1m" -initrd "$build/tests/guest.elf differential seed=$seed"
version=$(tr -d '\r' <"$out/xen.serial" | sed -n 's/^(XEN) Xen version [^ ]* (Debian \([^-]*\)-.*/\1/p')
awk -v version="$version" -f "$(dirname "$0")/differential.awk" "$(dirname "$0")/xen-differences" "$out/xen.calls" "$out/ravelin.calls"
