#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: attackers in several domains storm the hypervisor; one machine a seed, until the time is over. A seed gives the same run each time.
# Locking: none; one machine after the other.
# Trust boundary: the build host.
# Usage: hostile.sh BUILD SECONDS FIRST-SEED; ROUNDS and BEATS: length of one machine's life
set -eu
build=$1 time=$2 seed=$3
log=$build/test-logs/hostile.log
qemu="${QEMU:-qemu-system-x86_64 -accel tcg,thread=single} -machine q35 -smp 2 -m 1024 -display none -no-reboot -cpu EPYC,+svm,+npt,-monitor,-rdtscp"
end=$(($(date +%s) + time)) passed=0 failed=0
mkdir -p "$build/test-logs"
# A build outside a git tree, or one of a tree that changed, runs otherwise: the line that says how to repeat names both.
while :; do
	status=0 began=$(date +%s)
	# shellcheck disable=SC2086
	timeout 600 $qemu -icount shift=0,sleep=off -rtc base=2026-01-01T00:00:00,clock=vm -seed "$seed" -serial "file:$log" -kernel "$build/ravelin" \
		-append 'com1=115200,8n1 console=com1 loglvl=error guest_loglvl=error dom0_mem=256M' \
		-initrd "$build/tests/guest.elf siege seed=$seed rounds=${ROUNDS:-2} beats=${BEATS:-20},$build/tests/guest.elf" </dev/null >/dev/null 2>&1 || status=$?
	if [ "$status" -eq 0 ] && grep -qa 'guest: 1 passed, 0 failed' "$log" && ! grep -qaE 'PANIC|in the hypervisor' "$log"; then
		passed=$((passed + 1))
		grep -a 'guest: siege seed' "$log" | tail -n 1 | sed "s/^guest: /ok    $(($(date +%s) - began)) s  /"
	else
		failed=$((failed + 1))
		cp "$log" "$log.$seed"
		echo "FAIL  seed $seed (status $status, $log.$seed); again: make hostile TIME=0 SEED=$seed"
		tail -n 15 "$log.$seed"
	fi
	seed=$((seed + 1))
	[ "$(date +%s)" -lt "$end" ] || break
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
