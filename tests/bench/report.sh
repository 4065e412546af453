#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: the measured rows as a table, as JSON and as a chart.
# Locking: none. Trust boundary: a measurement, no assertion.
# Usage: report.sh BUILD SVG PART...; reads BUILD/bench/PART.tsv, prints them, writes BUILD/bench/bench.json and SVG ("-": none). A part not measured says so.
# Columns of a row: part, what, unit, target, Xen, its spread, Ravelin, its spread, Xen raw (where Xen is corrected); "-": there is no such thing.
set -eu
out=$1/bench svg=$2
shift 2
for part; do
	[ -s "$out/$part.tsv" ] && cat "$out/$part.tsv" || printf '%s\tnot measured\t-\t-\t-\t-\t-\t-\t-\n' "$part"
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

[ "$svg" = - ] && exit 0
awk -F'\t' -f tests/bench/chart.awk "$out/all.tsv" > "$svg"

# The tables of the page beside the chart, behind its mark.
page=${svg%/*}/BENCH.md
sed '/^<!-- measured -->/q' "$page" > "$page.new"
awk -F'\t' '
	function number(s) { return s ~ /^[0-9.]+(e[+-]?[0-9]+)?$/ }
	function show(s,  t) {
		if (s !~ /^[0-9]+$/) return s == "-" ? "" : s
		for (; length(s) > 3; s = substr(s, 1, length(s) - 3)) t = "," substr(s, length(s) - 2) t
		return s t
	}
	function both(s, spread) { return show(s) (spread == "-" ? "" : " (" spread ")") }
	BEGIN {
		title["operations"] = "Instructions of one operation"; title["life"] = "Whole things"; title["load"] = "Processor and memory"
		title["exits"] = "Exits by cause"; title["size"] = "Size"; title["growth"] = "Growth"
	}
	$1 != part {
		part = $1; raw = part == "operations"
		printf "\n## %s\n\n| | unit | Debian\x27s Xen | Ravelin | ratio | target |%s\n|---|---|---|---|---|---|%s\n", title[part], raw ? " Xen raw |" : "", raw ? "---|" : ""
	}
	{
		ratio = number($5) && number($7) && $5 > 0 ? sprintf("%.2f", $7 / $5) : ""
		printf "| %s | %s | %s | %s | %s | %s |%s\n", $2, $3 == "-" ? "" : $3, both($5, $6), both($7, $8), ratio, show($4), raw ? " " show($9) " |" : ""
	}' "$out/all.tsv" >> "$page.new"
mv "$page.new" "$page"
