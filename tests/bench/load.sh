#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: a guest that computes, faults and walks page tables, against the same kernel on QEMU without a hypervisor; two that share a processor.
# Locking: one machine at a time.
# Trust boundary: a measurement, no assertion.
# Usage: load.sh BUILD; writes BUILD/bench/load.tsv. ROUNDS runs of each. Times are the kernel's, in ticks of QEMU's TSC, which follows the host's clock.
set -eu
build=$1
out=$build/bench
rounds=${ROUNDS:-3}
mkdir -p "$out"
rm -f "$out"/*.load "$out"/*.share
for _ in $(seq "$rounds"); do
	for name in bare xen ravelin; do
		TIME=real tests/bench/guest.sh "$build" $name load
	done
	for name in xen ravelin; do
		TIME=real SMP=1 tests/bench/guest.sh "$build" $name share
	done
done

# All values of a name in a file, sorted.
values() { sed -n "s/^$2 //p" "$out/$1" | sort -n; }
# quotient TEXT TARGET NAME FILE-SUFFIX BASE-NAME BASE-FILE FACTOR: base over the load, so that 1 is no loss; of the quickest runs, which others disturbed least
quotient()
{
	printf 'load\t%s\tof the speed\t%s' "$1" "$2"
	for name in xen ravelin; do
		base=$(values "$(echo "$6" | sed "s/HYPERVISOR/$name/")" "$5" | head -n 1)
		values "$name.$4" "$3" | awk -v base="$base" -v factor="$7" '
			{ v[NR] = factor * base / $1 } END { printf "\t%.3f\t%.3f..%.3f", v[1], v[NR], v[1] }'
	done
	printf '\t-\n'
}
{
	quotient "computing, of the speed without a hypervisor" 0.97 compute load compute bare.load 1
	quotient "page faults of its own" - faults load faults bare.load 1
	quotient "page-table walks, a new address space each 512 pages" - walks load walks bare.load 1
	quotient "two guests on one processor, of what one alone gets done" - two share alone HYPERVISOR.share 2
} > "$out/load.tsv"
