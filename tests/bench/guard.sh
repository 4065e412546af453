#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: no operation costs a tenth more instructions than the committed table says, whatever the machine this runs on.
# Locking: none. Trust boundary: the build host.
# Usage: guard.sh BUILD TABLE [renew]: with BUILD/bench/ravelin.costs just measured
set -eu
costs=$1/bench/ravelin.costs table=$2

if [ "${3:-}" = renew ]; then
	{ sed -n '/^#/p' "$table"; awk '{ printf "%-28s %d\n", $1, $2 }' "$costs"; } > "$table.new"
	mv "$table.new" "$table"
	echo "$table is renewed; commit it with what changed the figures"
	exit 0
fi
awk -v margin=10 '
	/^#/ { next }
	FNR == NR { limit[$1] = $2; order[++n] = $1; next }
	{ cost[$1] = $2; if (!($1 in limit)) unknown = unknown " " $1 }
	END {
		for (i = 1; i <= n; i++) {
			name = order[i]
			if (!(name in cost)) { printf "FAIL  %s: not measured\n", name; failed++; continue }
			if (cost[name] * 100 > limit[name] * (100 + margin)) {
				printf "FAIL  %s: %d instructions, %d in the table\n", name, cost[name], limit[name]; failed++; continue
			}
			passed++
			if (cost[name] * 100 < limit[name] * (100 - margin)) lower = lower sprintf("  %s %d, was %d\n", name, cost[name], limit[name])
		}
		if (unknown != "") { printf "FAIL  not in the table:%s\n", unknown; failed++ }
		if (lower != "") printf "got cheaper, so hold on to it (make bench-guard-renew):\n%s", lower
		printf "%d passed, %d failed\n", passed, failed
		exit failed > 0
	}' "$table" "$costs"
