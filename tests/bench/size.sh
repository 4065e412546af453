#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: sizes: lines of code trusted, bytes of the image, memory kept by the hypervisor and for a domain, operations a fresh guest may call.
# Locking: one machine at a time.
# Trust boundary: a measurement, no assertion.
# Usage: size.sh BUILD; writes BUILD/bench/size.tsv
set -eu
build=$1
out=$build/bench
ram=$((4096 * 256))		# pages of the measured machine
mkdir -p "$out"

# Debian's Xen: the sources linked into its binary (names from the -dbg package's symbols) and Xen's own headers for x86, counted as
# tests/suite/check-budgets counts ours; docs/BENCH.md has the commands.
xen_lines=205298

row() { printf 'size\t%s\t%s\t%s\t%s\t-\t%s\t-\t-\n' "$@"; }
value() { sed -n "s/^$2 //p" "$out/$1.size"; }
kib() { [ -z "$1" ] && echo - || echo $(($1 * 4)); }

rm -f "$out/ravelin.size" "$out/xen.size"
for name in ravelin xen; do
	MEMORY=4096 tests/bench/guest.sh "$build" $name size
done
heap() { sed -n 's/.* \([0-9]*\) heap pages free.*/\1/p' "$out/ravelin.size.serial" | sed -n "$1p"; }
kept() { echo $((ram - $(value "$1" none-free) - $(value "$1" none-dom0))); }
domain() { echo $(($(value "$1" none-free) - $(value "$1" one-free) - 32768)); }
{
	row "lines of code trusted" lines 30000 $xen_lines "$(tests/suite/check-budgets | sed -n 's/.*hypervisor + xsm: \([0-9]*\) .*/\1/p')"
	row "image, gzip -9" bytes 300000 "$(stat -c %s /boot/xen-4.17-amd64.gz 2> /dev/null || gzip -9 < "$build/debian-xen" | wc -c)" "$(gzip -9 < "$build/ravelin" | wc -c)"
	row "memory not given to domains, of 4 GiB" KiB 8192 "$(kib "$(kept xen)")" "$(kib "$(kept ravelin)")"
	row "of it in use" KiB 8192 "$(kib "$(kept xen)")" "$(kib $(($(kept ravelin) - $(heap 1))))"
	row "for a 128 MiB domain, page tables and all" KiB 64 "$(kib "$(domain xen)")" "$(kib $(($(domain ravelin) + $(heap 1) - $(heap 2))))"
	row "operations a fresh guest may call" operations - - "$(tests/bench/operations.sh "$build")"
} > "$out/size.tsv"
