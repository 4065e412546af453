#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: what operations cost as domains, granted pages and types of the policy become many: instructions in QEMU under -icount; the decision under
#   policies of 10 to 10,000 types in the hosted build, nanoseconds, and instructions by callgrind.
# Locking: one machine at a time.
# Trust boundary: a measurement, no assertion.
# Xen's figures are without the decoding of instruction lengths; of a creation it was not counted, so there is none.
# Usage: growth.sh BUILD; with what bench-flask prints in BUILD/bench/flask.growth; writes BUILD/bench/growth.tsv
set -eu
build=$1
out=$build/bench
mkdir -p "$out"
rm -f "$out/ravelin.growth" "$out/xen.growth"
MEMORY=2048 SECONDS_MAX=280 tests/bench/guest.sh "$build" ravelin growth
MEMORY=2048 SECONDS_MAX=280 tests/bench/guest.sh "$build" xen growth "most=10000 create=0"	# with more it takes minutes
# decisions POLICY CHECKS: instructions in flask_vector() and what it calls
decisions()
{
	CHECKS=$2 valgrind --tool=callgrind --callgrind-out-file="$out/callgrind" "$build/bench-flask/bench" "$1" > /dev/null 2>&1
	callgrind_annotate --inclusive=yes --threshold=100 "$out/callgrind" | awk '/:flask_vector / { gsub(/,/, "", $1); print $1; exit }'
}

{
	while read -r what ravelin; do
		n=${what##*-} what=${what%-*}
		xen=$(sed -n "s/^$what-$n //p" "$out/xen.growth")
		case $what in
		check-domains) text="getdomaininfo, $n domains" like=getdomaininfo ;;
		event-domains) text="event send, $n domains" like=event-send-other ;;
		grant-domains) text="grant map and unmap, $n domains" like=grant-map-unmap-other ;;
		create-domains) text="create and destroy a 256 KiB domain beside $n" like=unknown xen= ;;
		grant-mapped) text="grant map and unmap, $n others mapped" like=grant-map-unmap-other ;;
		esac
		[ -z "$xen" ] || xen=$((xen - $(awk -v like="$like" '$1 == like { print $3 }' tests/bench/xen-decoder.table)))
		printf 'growth\t%s\tinstructions\t-\t%s\t-\t%s\t-\t-\n' "$text" "${xen:--}" "$ravelin"
	done < "$out/ravelin.growth"
	awk '/types/ {
		gsub(/,/, "")
		for (i = 1; i <= NF; i++) { if ($i == "load") load = $(i + 1); if ($i == "first") first = $(i + 2) }
		printf "growth\tdecision, labels never met, %d types\tus\t-\t-\t-\t%s\t-\t-\n", $1, first
		printf "growth\tload of a policy of %d types\tms\t-\t-\t-\t%s\t-\t-\n", $1, load
	}' "$out/flask.growth"
	checks=100000
	for policy in "$build"/bench-flask/policy-*[0-9]; do
		command -v valgrind > /dev/null || break
		printf 'growth\tdecision, labels met before, %d types\tinstructions\t15\t-\t-\t%d\t-\t-\n' "${policy##*-}" \
			$((($(decisions "$policy" $checks) - $(decisions "$policy" 0)) / checks))
	done | sort -t, -k3n
} > "$out/growth.tsv"
