#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: denials in, policy out: Debian's audit2allow makes rules of the records on stdin, secilc compiles them with the
#	default policy's sources.
# Locking: none; works under OUT.cil and renames the finished policy.
# Trust boundary: the records come from a machine under test; only what audit2allow wrote as an allow rule is used.
# Usage: mend.sh POLICY OUT CIL...    (rules gather in OUT.cil until it is removed)
set -eu
policy=$1 out=$2
shift 2
rules=$(audit2allow -p "$policy" | grep '^allow ') || { echo "mend: audit2allow found no rule" >&2; exit 1; }
# allow S T:C P; or allow S T:C { P P }; in CIL's words
printf '%s\n' "$rules" | sed -E 's/[{};]/ /g; s/^allow +([^ ]+) +([^ :]+):([^ ]+) +(.*[^ ]) *$/(allow \1 \2 (\3 (\4)))/' >> "$out.cil"
secilc -t xen -M true -c 30 -f /dev/null -o "$out.new" "$@" "$out.cil"
mv "$out.new" "$out"
printf '%s\n' "$rules"
