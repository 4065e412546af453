# SPDX-License-Identifier: Apache-2.0
# The chart of report.sh: a bar for each row that both hypervisors have, Ravelin against Debian's Xen (the line at 1); a tick where a target is.
# Colours suit light and dark pages; where the viewer says which, the text follows.
function number(s) { return s ~ /^[0-9.]+(e[+-]?[0-9]+)?$/ }
function clean(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); return s }
function short(x) { return x >= 1e6 ? sprintf("%.1f M", x / 1e6) : x >= 1e4 ? sprintf("%.1f k", x / 1e3) : x "" }
function at(ratio) { return LEFT + (ratio > MOST ? MOST : ratio) * SCALE }
BEGIN {
	LEFT = 400; MOST = 1.6; SCALE = 240; STEP = 19; y = 62
	title["operations"] = "Instructions of one operation"
	title["life"] = "Whole things, time"
	title["size"] = "Size"
}
!($1 in title) || !number($5) || !number($7) || $5 == 0 { next }
{
	if ($1 != part) {
		part = $1
		y += 10
		body = body sprintf("<text x=\"12\" y=\"%d\" class=\"head\">%s</text>\n", y + 4, title[part])
		y += STEP + 2
	}
	ratio = $7 / $5
	body = body sprintf("<text x=\"%d\" y=\"%d\" class=\"name\">%s</text>\n", LEFT - 10, y + 4, clean($2))
	body = body sprintf("<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"11\" rx=\"2\" class=\"%s\"/>\n", LEFT, y - 5, at(ratio) - LEFT, ratio <= 1 ? "better" : "worse")
	if (number($4) && $4 / $5 <= MOST)
		body = body sprintf("<rect x=\"%.1f\" y=\"%d\" width=\"2\" height=\"15\" class=\"target\"/>\n", at($4 / $5) - 1, y - 7)
	body = body sprintf("<text x=\"%.1f\" y=\"%d\" class=\"value\">%.2f  (%s : %s)</text>\n", (at(ratio) > at(1) ? at(ratio) : at(1)) + 8, y + 4, ratio, short($7), short($5))
	y += STEP
}
END {
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 980 %d\" width=\"980\" height=\"%d\" role=\"img\" aria-label=\"Ravelin against Debian's Xen\">\n", y + 12, y + 12
	print "<style>text { font: 12px system-ui, sans-serif; fill: #57606a } .name { text-anchor: end } .head { font-weight: 600; font-size: 14px } .big { font-weight: 600; font-size: 17px }"
	print ".better { fill: #2f81c7 } .worse { fill: #d0803a } .target { fill: #8a5fc7 } .one { stroke: #808890; stroke-dasharray: 3 3 }"
	print "@media (prefers-color-scheme: dark) { text { fill: #adb5bd } } @media (prefers-color-scheme: light) { text { fill: #30363d } }</style>"
	print "<text x=\"12\" y=\"24\" class=\"big\">Ravelin, enforcing, against Debian's Xen 4.17 without XSM: less is better</text>"
	print "<text x=\"12\" y=\"44\">The dashed line is Xen (its decoding of instruction lengths not counted), the tick a target. Same QEMU, same machine; `make bench`.</text>"
	printf "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"56\" y2=\"%d\" class=\"one\"/>\n%s</svg>\n", at(1), at(1), y, body
}
