#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: unpack a Debian package's files below the build folder. Kernels and hypervisors are not installed on the build
#	host: its boot loader would start them.
# Locking: one flock a package; unpacked under a temporary name and renamed.
# Trust boundary: apt checks the archive's signatures; nothing of the package is executed.
# Usage: fetch-package.sh PACKAGE DIR    prints the folder that holds its files
set -eu
package=$1
case $2 in
/*) dir=$2/$1 ;;
*) dir=$PWD/$2/$1 ;;
esac
mkdir -p "${dir%/*}"
exec 9> "$dir.lock"
flock 9
if [ ! -d "$dir" ]; then
	rm -rf "$dir.new"
	mkdir -p "$dir.new/deb"
	(cd "$dir.new/deb" && apt-get -q download "$package" >&2) || {
		echo "fetch-package: $package cannot be had; apt-get update may help" >&2
		exit 1
	}
	dpkg-deb -x "$dir.new"/deb/*.deb "$dir.new"
	rm -rf "$dir.new/deb"
	mv "$dir.new" "$dir"
fi
printf '%s\n' "$dir"
