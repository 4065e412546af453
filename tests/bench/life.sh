#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: Debian's dom0 and guests on Ravelin and on Debian's Xen: dom0's prompt, xl create, the guest's user space, xl destroy; and a small kernel of ours as
#   domain 0 that makes and destroys up to 200 domains, and large ones. By the host's clock.
# Locking: one machine at a time.
# Trust boundary: a measurement, no assertion.
# Usage: life.sh BUILD QEMU-COMMON MODULES CONSOLE; writes BUILD/bench/life.tsv. ROUNDS boots of each; THREADS: modes of QEMU's emulator to measure in; MOST domains at once (200)
set -eu
build=$1 qemu=$2 modules=$3 console=$4
rounds=${ROUNDS:-2} most=${MOST:-200}
out=$build/bench
mkdir -p "$out"

# boot NAME QEMU...; with a thread for each CPU a boot may end by QEMU's own fault (see Makefile), so three tries
boot()
{
	name=$1
	shift
	tries=3
	until "$build/drive" -D LOG="$out/$name.log" -D MODULES="$modules" -D QEMU="$*" tests/bench/life.boot > "$out/$name.out"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { cat "$out/$name.out"; exit 1; }
	done
	sed -n 's/^ok *\([0-9.]*\) s  \(.*\)/\2 \1/p' "$out/$name.out" >> "$out/$name.times"
}

# numbers FILE NAME: median, then least..most
numbers()
{
	awk -v name="$2" '$1 == name { print $2 }' "$1" | sort -n | awk '
		function show(x) { return sprintf(x >= 1000 ? "%.0f" : "%.4g", x) }
		{ v[NR] = $1 } END {
			if (!NR) { print "-\t-"; exit }
			print show(NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2) "\t" show(v[1]) ".." show(v[NR])
		}'
}

# row PART TEXT UNIT NAME FILES-OF: Xen's and Ravelin's
row()
{
	printf '%s\t%s\t%s\t-\t%s\t%s\t-\n' "$1" "$2" "$3" "$(numbers "$out/xen.$5" "$4")" "$(numbers "$out/ravelin.$5" "$4")"
}

# Debian's Xen does best with a PV dom0; SMAP costs it there, and TCG has no IOMMU worth waiting for.
measure()
{
	rm -f "$out"/*.times
	for _ in $(seq "$rounds"); do
		boot xen "$qemu -accel tcg,thread=$1 -cpu EPYC,+svm,+npt,-monitor,-rdtscp,-smap -kernel $build/debian-xen -append '$console max_cstate=0'"
		boot ravelin "$qemu -accel tcg,thread=$1 -cpu EPYC,+svm,+npt,-rdtscp -kernel $build/ravelin -append '$console'"
	done
	where="one thread for all of QEMU's CPUs"
	[ "$1" = single ] || where="a thread for each of QEMU's CPUs"
	row life "power on to dom0's prompt ($where)" s prompt times
	row life "xl create of a 128 MiB guest ($where)" s create times
	row life "its user space after that ($where)" s userspace times
	row life "xl destroy ($where)" s destroy times
}

domains()
{
	rm -f "$out/ravelin.life" "$out/xen.life"
	for _ in $(seq "$rounds"); do
		for name in xen ravelin; do
			TIME=real SECONDS_MAX=550 MEMORY=6144 tests/bench/guest.sh "$build" $name life "most=$most"
		done
	done
	for n in 1 10 50 200; do
		[ "$n" -gt "$most" ] || row life "$n small domains made and started" us "small-$n-create" life
		[ "$n" -gt "$most" ] || row life "$n small domains destroyed" us "small-$n-destroy" life
	done
	row life "a 128 MiB domain made, memory and all" us 128MiB-create life
	row life "it destroyed" us 128MiB-destroy life
	[ "$most" -lt 200 ] || { row life "a 4 GiB domain made, memory and all" us 4GiB-create life; row life "the 4 GiB domain destroyed" us 4GiB-destroy life; }
}

{
	for mode in ${THREADS:-multi single}; do
		measure "$mode"
	done
	domains
	printf 'life\tsave, restore, migrate a guest\ts\t-\tnot measured\t-\tnot yet\t-\t-\n'
} > "$out/life.tsv.new"
mv "$out/life.tsv.new" "$out/life.tsv"
