#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: prints what costs.sh measured.
# Locking: none. Trust boundary: a measurement, no assertion.
# Usage: costs-table.sh BUILD
set -eu
out=$1/bench
echo "instructions for one of each (Xen decodes each VMMCALL's length here, which real processors report)"
printf '%-26s %14s %10s %7s\n' '' "Debian's Xen" Ravelin ratio
while read -r what r; do
	x=$(sed -n "s/^$what //p" "$out/xen.costs")
	printf '%-26s %14s %10s %7s\n' "$what" "${x:-none}" "$r" "$([ -z "$x" ] || awk "BEGIN { printf \"%.2f\", $r / $x }")"
done < "$out/ravelin.costs"
