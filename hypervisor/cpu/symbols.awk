# SPDX-License-Identifier: Apache-2.0
# Symbol table of the panic backtrace: nm -n on standard input, assembler on standard output.
# Offsets are from the image's start, which is linked at 0; only text is listed.
# Plain awk: no hexadecimal input there, so addresses are handed on as text.
$2 ~ /^[tT]$/ && $3 !~ /^\.|_(start|end)$/ { address[n] = $1; name[n] = $3; n++ }
END {
	print "\t.section .symbols, \"a\", @progbits"
	print "\t.balign 8"
	printf "\t.long %d, 0\n", n
	offset = 0
	for (i = 0; i < n; i++) {
		printf "\t.long 0x%s, %d\n", substr(address[i], 9), offset
		offset += length(name[i]) + 1
	}
	for (i = 0; i < n; i++)
		printf "\t.asciz \"%s\"\n", name[i]
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
