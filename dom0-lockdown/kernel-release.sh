#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: print the release of the kernel that one of Debian's kernel metapackages stands for (linux-image-amd64 ...).
# Locking: none; reads the package database only.
# Trust boundary: dpkg's database of the build host.
# Usage: kernel-release.sh METAPACKAGE
set -eu
depends=$(dpkg-query -W -f '${Depends}' "$1") || exit 1
release=$(printf '%s\n' "$depends" | sed -n 's/^.*linux-image-\([0-9][^ ,]*\).*$/\1/p')
if [ -z "$release" ] || [ ! -r "/boot/vmlinuz-$release" ]; then
	echo "kernel-release: $1 is not installed whole (depends on '$depends')" >&2
	exit 1
fi
printf '%s\n' "$release"
