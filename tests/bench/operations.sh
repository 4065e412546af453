#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: how many operations the default policy lets a fresh guest call: rows of docs/HYPERCALLS.md whose interface it may use and of whose
#   permissions it has one on itself, its events, another guest of its tenant, the control domain or the hypervisor.
# Locking: none. Trust boundary: a measurement, no assertion.
# Usage: operations.sh BUILD
set -eu
build=$1
guest=system_u:system_r:guest_t:s0:c1
for target in guest_self_t:s0:c1 guest_event_t:s0:c1 guest_t:s0:c1 dom0_t:s0-s0:c0.c1023 dom0_event_t:s0-s0:c0.c1023 xen_t:s0; do
	"$build/rav" policy query -p "$build/policy" $guest system_u:system_r:$target | awk '/^[a-z0-9_]+$/ { class = $1 } $1 == "allowed" { print class ":" $2 }'
done | sort -u | awk '
	FNR == NR { may[$1]; next }
	/^## / { use = $NF; gsub(/`/, "", use); next }
	/^\| `/ && !/\| absent \|/ && (use in may) {
		split($0, column, "|")
		n = split(column[4], permission, /[^a-z0-9_:]+/)
		for (i = 1; i <= n; i++)
			if (permission[i] in may) { count++; break }
	}
	END { print count + 0 }' - docs/HYPERCALLS.md
