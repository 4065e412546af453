#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: build an initrd from a manifest of Debian's files and ours; the same inputs give the same bytes.
# Locking: none; stages under OUT.stage and renames the finished archive.
# Trust boundary: everything named is a file of the build host's signed packages or of this build.
# Usage: mkimage.sh OUT KERNEL BUILDDIR MANIFEST...    (KERNEL: path of the vmlinuz whose modules are taken)
# Manifest lines: prog PATH | own BUILT DEST MODE | file SOURCE DEST MODE | dir PATH MODE | link PATH TARGET | module NAME [PARAMETERS]
set -eu
umask 022
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export LC_ALL

die()
{
	echo "mkimage: $*" >&2
	exit 1
}

# place SOURCE DEST MODE; Debian 12 is merged-usr, and so is the image
place()
{
	case $2 in
	/bin/* | /sbin/* | /lib/* | /lib64/*) dest=$stage/usr$2 ;;
	*) dest=$stage$2 ;;
	esac
	[ -f "$1" ] || die "$1 is missing (is its package installed?)"
	mkdir -p "${dest%/*}"
	install -m "$3" "$1" "$dest"
}

place_libraries()
{
	# A static program makes ldd fail; a missing library must fail us.
	libraries=$(ldd "$1" 2>/dev/null) || return 0
	case $libraries in
	*'not found'*) die "$1 lacks a library" ;;
	esac
	for lib in $(printf '%s\n' "$libraries" | grep -o '/[^ ]*'); do
		place "$lib" "$lib" 0755
	done
}

# modprobe knows dependencies and what is built in. A module that comes as a dependency first must be named with its
# parameters before.
place_module()
{
	parameters=$2
	modprobe -d "$root/" --show-depends --ignore-install -S "$release" "$1" > "$stage.mod" || die "no module $1 for $release"
	while read -r verb path rest; do
		[ "$verb" = insmod ] || continue
		place "$path" "${path#"$root"}" 0644
		path=${path#"$root"}
		grep -qF "$path" "$stage/etc/modules.list" || echo "$path $parameters" >> "$stage/etc/modules.list"
	done < "$stage.mod"
}

[ $# -ge 4 ] || die "usage: mkimage.sh OUT KERNEL BUILDDIR MANIFEST..."
out=$1 kernel=$2 build=$3
shift 3
root=${kernel%/boot/*} release=${kernel##*/vmlinuz-}
case $out in
/*) ;;
*) out=$PWD/$out ;;
esac
stage=$out.stage
trap 'rm -rf "$stage" "$stage.mod" "$stage.list" "$out.new"' EXIT
rm -rf "$stage"
mkdir -p "$stage/etc" "$stage/usr/bin" "$stage/usr/sbin" "$stage/usr/lib" "$stage/usr/lib64"
for d in bin sbin lib lib64; do
	ln -s "usr/$d" "$stage/$d"
done
: > "$stage/etc/modules.list"

for manifest in "$@"; do
	while read -r verb a b c; do
		case $verb in
		'' | '#'*) ;;
		# One command a line: `set -e` looks at the last of a && list alone.
		prog)
			place "$a" "$a" 0755
			place_libraries "$a"
			;;
		own)
			place "$build/$a" "$b" "$c"
			place_libraries "$build/$a"
			;;
		file) place "$a" "$b" "$c" ;;
		dir)
			mkdir -p "$stage$a"
			chmod "$b" "$stage$a"
			;;
		link)
			mkdir -p "$stage${a%/*}"
			ln -sfn "$b" "$stage$a"
			;;
		module) place_module "$a" "$b" ;;
		*) die "$manifest: unknown line '$verb $a'" ;;
		esac
	done < "$manifest"
done

# newc, sorted, owner 0:0, one date, renumbered inodes, no device numbers: nothing of the host remains
find "$stage" -exec touch -h -d @1 {} +
(cd "$stage" && find . -mindepth 1 -print0) > "$stage.list"
sort -z -o "$stage.list" "$stage.list"
(cd "$stage" && cpio -0 -o -H newc -R 0:0 --reproducible --quiet) < "$stage.list" > "$out.new"
mv "$out.new" "$out"
