#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: commands from a program on the serial console: no line editing, numbered output (tests/boot/drive).
# Locking: none.
# Trust boundary: whoever holds dom0's console is root in dom0 anyway.
# Input lines: "r N COMMAND" runs it, its output lines begin "@N|", the status is "@N=S"; "u N PATH" takes base64 lines
# until ".", and unpacks them; "@@" ends. The terminal echoes: that is how the sender learns that a line is not too fast.

r()
{
	n=$1
	shift
	eval "$*" >/tmp/.out 2>&1 </dev/null
	s=$?
	sed "s/^/@$n|/" /tmp/.out
	printf '\n@%s=%s\n' "$n" "$s"
}

u()
{
	while read -r l; do
		[ "$l" = . ] && break
		echo "$l"
	done >/tmp/.up
	base64 -d /tmp/.up | gunzip >"$2"
	printf '\n@%s=%s\n' "$1" "$?"
}

printf '\n@@\n'
while IFS= read -r l; do
	[ "$l" = @@ ] && break
	eval "$l"
done
