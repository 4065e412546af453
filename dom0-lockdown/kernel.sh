#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: print the path of the kernel that one of Debian's metapackages stands for (linux-image-amd64 ...): the host's
#	own if that package is installed, else one unpacked below the build folder.
# Locking: the package's flock.
# Trust boundary: the build host's package database and apt's signed archives.
# Usage: kernel.sh METAPACKAGE DIR
set -eu
PATH=$PATH:/usr/sbin:/sbin

# The release from the metapackage's dependency
release_of()
{
	sed -n 's/^.*linux-image-\([0-9][^ ,]*\).*$/\1/p' | head -n 1
}

release=$(dpkg-query -W -f '${db:Status-Status} ${Depends}\n' "$1" 2>/dev/null | sed -n 's/^installed //p' | release_of)
if [ -n "$release" ] && [ -r "/boot/vmlinuz-$release" ]; then
	printf '%s\n' "/boot/vmlinuz-$release"
	exit
fi
release=$(apt-cache depends "$1" 2>/dev/null | grep 'Depends:' | release_of)
[ -n "$release" ] || { echo "kernel: apt knows no kernel for $1" >&2; exit 1; }
root=$(dom0-lockdown/fetch-package.sh "linux-image-$release" "$2")
# What installation would have done: the modules' dependencies
exec 9> "$root.lock"
flock 9
[ -e "$root/lib/modules/$release/modules.dep" ] || depmod -b "$root" "$release"
printf '%s\n' "$root/boot/vmlinuz-$release"
