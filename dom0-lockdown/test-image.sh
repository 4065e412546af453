#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: what dom0's image promises: the same bytes from another place, time and mask; no interpreter but the shell; bounded size.
# Locking: none.
# Trust boundary: a test of the build host's own product.
# Usage: test-image.sh IMAGE KERNEL BUILDDIR MANIFEST...
set -u
# shellcheck disable=SC2034 # named in the checks
image=$1 kernel=$2 build=$3
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

check()
{
	if eval "$2"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $1"
	fi
}

list=$work/list
(umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 dom0-lockdown/mkimage.sh "$work/other.initrd" "$@")
cpio -t --quiet < "$image" > "$list"
check "two builds give the same bytes" 'cmp "$image" "$work/other.initrd"'
check "it can be listed" 'grep -qx usr/bin/rav "$list"'
check "no Python or Perl" '! grep -E "python|perl" "$list"'
check "no kernel module but Xen's own" '! grep "\.ko$" "$list" | grep -v /drivers/xen/'
check "nothing is set-user-id" '! cpio -tv --quiet < "$image" | grep -E "^-..s|^-.....s"'
check "everything belongs to root" '! cpio -tvn --quiet < "$image" | awk "\$3 != 0 || \$4 != 0" | grep .'
check "no device node of the build host" '! cpio -tv --quiet < "$image" | grep "^[bc]"'
check "under 64 MiB" '[ $(wc -c < "$image") -lt 67108864 ]'
printf '%s\n' 'file /etc/passwd /a 0644' 'dir /a/b 0755' 'file /etc/passwd /c 0644' > "$work/manifest"
check "what cannot be made ends it" '! dom0-lockdown/mkimage.sh "$work/broken.initrd" "$kernel" "$build" "$work/manifest" 2> /dev/null'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
