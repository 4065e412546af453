#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: the measured rows as a table, as JSON and as a chart.
# Locking: none. Trust boundary: a measurement, no assertion.
# Usage: report.sh BUILD SVG PART...; reads BUILD/bench/PART.tsv, prints them, writes BUILD/bench/bench.json and SVG ("-": none). A part not measured says `not yet`.
# Columns of a row: part, what, unit, target, Xen, its spread, Ravelin, its spread, Xen raw (where Xen is corrected); "-": there is no such thing.
set -eu
out=$1/bench svg=$2
shift 2
for part; do
	[ -s "$out/$part.tsv" ] && cat "$out/$part.tsv" || printf '%s\tnot yet\t-\t-\t-\t-\tnot yet\t-\t-\n' "$part"
done > "$out/all.tsv"

awk -F'\t' '
	function number(s) { return s ~ /^[0-9.]+(e[+-]?[0-9]+)?$/ }
	BEGIN {
		title["operations"] = "Instructions of one operation (Xen without its decoding of instruction lengths; raw beside it)"
		title["life"] = "Whole things, by the clock: median (least..most)"
		title["load"] = "Processor and memory, by the clock"
		title["exits"] = "Exits from guests by cause"
		title["size"] = "Size"
		title["growth"] = "Growth"
	}
	$1 != part { part = $1; printf "\n%s\n%-62s %22s %22s %7s %9s %10s\n", (part in title) ? title[part] : part, "", "Debian Xen", "Ravelin", "ratio", "target", "Xen raw" }
	{
		xen = $5; ravelin = $7
		ratio = number(xen) && number(ravelin) && xen > 0 ? sprintf("%.2f", ravelin / xen) : "-"
		if ($6 != "-") xen = xen " (" $6 ")"
		if ($8 != "-") ravelin = ravelin " (" $8 ")"
		printf "%-62s %22s %22s %7s %9s %10s\n", $2 ($3 == "instructions" || $3 == "-" ? "" : ", " $3), xen, ravelin, ratio, $4, $9
	}' "$out/all.tsv"

awk -F'\t' '
	function value(s) { return s ~ /^[0-9.]+(e[+-]?[0-9]+)?$/ ? s + 0 : "\"" s "\"" }
	function spread(s,  v) { if (split(s, v, /\.\./) != 2) return "null"; return "[" v[1] ", " v[2] "]" }
	BEGIN { print "[" }
	{
		if (NR > 1) print ","
		gsub(/["\\]/, "", $2)
		printf "{\"part\": \"%s\", \"what\": \"%s\", \"unit\": \"%s\", \"target\": %s, \"xen\": %s, \"xen_spread\": %s, \"ravelin\": %s, \"ravelin_spread\": %s, \"xen_raw\": %s}",
			$1, $2, $3, value($4), value($5), spread($6), value($7), spread($8), value($9)
	}
	END { print "\n]" }' "$out/all.tsv" | sed 's/: "-"/: null/g' > "$out/bench.json"

[ "$svg" = - ] || awk -F'\t' -f tests/bench/chart.awk "$out/all.tsv" > "$svg"
