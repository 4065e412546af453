#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: the test guest as domain 0 (or alone) measures: what one operation costs in instructions, how long lives and loads take.
# Locking: none; one machine at a time.
# Trust boundary: a measurement, no assertion.
# Usage: guest.sh BUILD ravelin|xen|bare TEST [WORDS]; adds to BUILD/bench/MACHINE.TEST, a name and a number a line. Environment: SMP, MEMORY of the machine;
#   TIME=real without -icount (then figures are of the host's clock), SECONDS_MAX.
set -eu
build=$1 machine=$2 test=$3 words="$3 ${4:-}"
out=$build/bench
serial=$out/$machine.$test.serial
count='-icount shift=0,sleep=off -rtc base=2026-01-01T00:00:00,clock=vm -seed 1'
[ "${TIME:-counted}" = counted ] || count=
common="-smp ${SMP:-2} -m ${MEMORY:-1024} -display none -no-reboot -cpu EPYC,+svm,+npt,-monitor,-rdtscp -accel tcg,thread=single"
console='com1=115200,8n1 console=com1 dom0_mem=256M'
guest=$build/tests/guest.elf
mkdir -p "$out"
rm -f "$serial"

# Until the guest has said how many passed.
run()
{
	# shellcheck disable=SC2086
	timeout "${SECONDS_MAX:-300}" qemu-system-x86_64 $common $count -serial "file:$serial" "$@" < /dev/null 2> /dev/null &
	until grep -qsa 'guest: .* passed' "$serial" || ! kill -0 $! 2> /dev/null; do
		sleep 0.1
	done
	kill $! 2> /dev/null || true
	wait $! || true
	grep -qa 'guest: 1 passed, 0 failed' "$serial" || { tail -n 5 "$serial" >&2; echo "guest.sh: $test on $machine did not finish" >&2; exit 1; }
	sed -n "s/\\r\$//; s/.*guest: \\(cost\\|load\\|life\\|size\\) //p" "$serial" | sed "s/ \\([a-z]\\)/-\\1/" >> "$out/$machine.$test"
}

case $machine in
ravelin) run -machine q35 -kernel "$build/ravelin" -append "$console" -initrd "$guest $words,$guest" ;;
xen) run -machine q35,kernel-irqchip=off -device amd-iommu -kernel "$build/debian-xen" \
	-append "$console dom0=pvh ${XEN_IDLE:-max_cstate=0} bootscrub=0 tsc_mode=native" -initrd "$guest $words,$guest" ;;
bare) run -machine q35 -kernel "$guest" -append "$words" ;;
esac
