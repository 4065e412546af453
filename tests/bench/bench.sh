#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: Ravelin against Debian's Xen on this machine: dom0's prompt, xl create, the guest's user space; prints ratios.
# Locking: none; one machine at a time.
# Trust boundary: a measurement, no assertion.
# Usage: bench.sh BUILD QEMU-COMMON MODULES CONSOLE; ROUNDS boots of each; THREADS: modes of QEMU's emulator to measure in
set -eu
build=$1 qemu=$2 modules=$3 console=$4
rounds=${ROUNDS:-2}
out=$build/bench
mkdir -p "$out"

# boot NAME QEMU...; with a thread for each CPU a boot may end by QEMU's own fault (see Makefile), so three tries
boot()
{
	name=$1
	shift
	tries=3
	until "$build/drive" -D LOG="$out/$name.log" -D MODULES="$modules" -D QEMU="$*" tests/bench/bench.boot > "$out/$name.out"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { cat "$out/$name.out"; exit 1; }
	done
	sed -n 's/^ok *\([0-9.]*\) s  \(.*\)/\2 \1/p' "$out/$name.out" >> "$out/$name.times"
}

median()
{
	sed -n "s/^$2 //p" "$out/$1.times" | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# Debian's Xen does best with a PV dom0; SMAP costs it there, and TCG has no IOMMU worth waiting for.
measure()
{
	rm -f "$out"/*.times
	for i in $(seq "$rounds"); do
		boot xen "$qemu -accel tcg,thread=$1 -cpu EPYC,+svm,+npt,-monitor,-rdtscp,-smap -kernel $build/debian-xen -append '$console max_cstate=0'"
		boot ravelin "$qemu -accel tcg,thread=$1 -cpu EPYC,+svm,+npt,-rdtscp -kernel $build/ravelin -append '$console'"
	done
	echo "medians of $rounds boots with three guests each, seconds; QEMU with thread=$1"
	printf '%-12s %12s %12s %8s\n' '' "Debian's Xen" Ravelin ratio
	for what in prompt create userspace destroy; do
		x=$(median xen "$what") r=$(median ravelin "$what")
		printf '%-12s %12s %12s %8s\n' "$what" "$x" "$r" "$(awk "BEGIN { printf \"%.2f\", $r / ($x + 0.0001) }")"
	done
}

for mode in ${THREADS:-multi single}; do
	measure "$mode"
done
