# SPDX-License-Identifier: Apache-2.0
# Purpose: compares what two hypervisors answered; each difference must be on the list, each line of the list must still be of use.
# Usage: awk -v version=… -f differential.awk LIST XEN RAVELIN    (version: of Debian's Xen, such as 4.17.7+13)
# A line of LIST: what the call is (an expression over its whole name) | what Xen answers | what Ravelin answers | why. An answer is an expression
# over "status words written"; the words are the changed 32-bit words of the pages around the argument. A line that matches nothing is a failure, unless it
# begins with "~": calls at random, which not every seed makes. "[4.17.5+72]" before a line: of that version alone. "versions …": those that the list was made with.
FILENAME == ARGV[1] {
	if ($0 ~ /^#|^[ \t]*$/)
		next
	if (sub(/^versions /, "")) {
		versions = $0
		next
	}
	if (match($0, /^\[[^]]*\] /)) {
		if (substr($0, 2, RLENGTH - 3) != version)
			next
		$0 = substr($0, RLENGTH + 1)
	}
	if (split($0, f, /[ \t]+\|[ \t]+/) != 4) {
		print "FAIL  " FILENAME ":" FNR ": not four columns"
		failed++
		next
	}
	rules++
	seldom[rules] = sub(/^~ */, "", f[1])
	line[rules] = FNR; call[rules] = "^(" f[1] ")$"; theirs[rules] = "^(" f[2] ")$"; ours[rules] = "^(" f[3] ")$"
	next
}
FILENAME == ARGV[2] { xen[FNR] = $0; n = FNR; next }
{ rav[FNR] = $0; m = FNR }

# cut(TEXT): sets name and answer
function cut(text,	at) {
	at = index(text, " = ")
	name = at ? substr(text, 3, at - 3) : substr(text, 3)
	answer = at ? substr(text, at + 3) : ""
}

function listed(name, x, r,	i) {
	for (i = 1; i <= rules; i++)
		if (name ~ call[i] && x ~ theirs[i] && r ~ ours[i]) {
			used[i]++
			return 1
		}
	return 0
}

END {
	for (i = 1; i <= n && i <= m; i++) {
		cut(xen[i]); xname = name; x = answer
		cut(rav[i]); r = answer
		# The place of a call in a sequence may say what came of those before: the number of a handle.
		if (xname == name && x == r) {
			same++
		} else if (listed(xname == name ? name : xname " / " name, x, r)) {
			intended++
		} else {
			failed++
			if (failed <= limit)
				printf "FAIL  %s\n        Xen     %s%s\n        Ravelin %s%s\n", xname, x, "", r, xname == name ? "" : " of " name
		}
	}
	if (n != m) {
		failed++
		print "FAIL  " n " answers of Xen, " m " of Ravelin"
	}
	for (i = 1; i <= rules; i++)
		if (!used[i] && !seldom[i]) {
			failed++
			print "FAIL  the list, line " line[i] ": nothing differs so any more"
		}
	if (failed && index(" " versions " ", " " version " ") == 0)
		print "this Xen is " version ", the list was made with " versions ": what differs has to be looked at anew"
	printf "%d calls, the same answer to %d, different on purpose %d (%d reasons), not listed %d\n", n, same, intended, rules, failed
	print (failed ? 0 : 1) " passed, " (failed ? 1 : 0) " failed"
	exit failed > 0
}
BEGIN { limit = ENVIRON["LIMIT"] ? ENVIRON["LIMIT"] : 40 }
