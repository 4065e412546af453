#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: take the ELF kernel out of Debian's compressed vmlinuz, at packaging time, so that no decompressor runs
#	with the hypervisor's privilege.
# Locking: none; writes the result under a temporary name and renames it.
# Trust boundary: the input is a file of a signed Debian package; a malformed one ends in an error here.
# Usage: unpack-kernel.sh VMLINUZ VMLINUX
set -eu

die()
{
	echo "unpack-kernel: $*" >&2
	exit 1
}

# field OFFSET SIZE: one little-endian number of the boot header
field()
{
	od -An -v -tu"$2" -j "$1" -N "$2" "$image" | tr -d ' '
}

[ $# -eq 2 ] || die "usage: unpack-kernel.sh VMLINUZ VMLINUX"
image=$1
out=$2
[ -r "$image" ] || die "$image: cannot be read"
# Linux x86 boot protocol: "HdrS" at 0x202; payload fields since version 2.08.
[ "$(field 514 4)" = 1400005704 ] || die "$image: not a bzImage"
[ "$(field 518 2)" -ge 520 ] || die "$image: boot protocol before 2.08 has no payload"

sectors=$(field 497 1)
[ "$sectors" -ne 0 ] || sectors=4
start=$(((sectors + 1) * 512 + $(field 584 4)))
# The kernel's build appends the unpacked size (4 bytes) to the compressed stream.
length=$(($(field 588 4) - 4))
case $(od -An -v -tx1 -j "$start" -N 4 "$image" | tr -d ' ') in
fd377a58) unpack='xz -dc' ;;
02214c18) unpack='lz4 -dc' ;;
28b52ffd) unpack='zstd -dc' ;;
1f8b*)    unpack='gzip -dc' ;;
*)        die "$image: payload in an unknown compression" ;;
esac

mkdir -p "$(dirname "$out")"
trap 'rm -f "$out.new"' EXIT
tail -c +$((start + 1)) "$image" | head -c "$length" | $unpack > "$out.new" || die "$image: payload is damaged"
[ "$(od -An -v -tx1 -N 4 "$out.new" | tr -d ' ')" = 7f454c46 ] || die "$image: payload is not an ELF file"
readelf -nW "$out.new" 2>/dev/null | grep -q 'Xen.*0x00000012' || die "$image: kernel has no PVH entry note"
mv "$out.new" "$out"
