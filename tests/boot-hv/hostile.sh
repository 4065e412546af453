#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Purpose: attackers in several domains storm the hypervisor; one machine a seed, until the time is over. A seed gives the same run each time.
# Locking: none; one machine after the other.
# Trust boundary: the build host.
# Usage: hostile.sh BUILD SECONDS FIRST-SEED; ROUNDS and BEATS: length of one machine's life; REPEAT=1: each seed twice, the consoles must be the same
set -eu
build=$1 time=$2 seed=$3
rounds=${ROUNDS:-3} beats=${BEATS:-15} log=$build/test-logs/hostile.log
qemu="${QEMU:-qemu-system-x86_64 -accel tcg,thread=single} -machine q35 -smp 2 -m 1024 -display none -no-reboot -cpu EPYC,+svm,+npt,-monitor,-rdtscp"
end=$(($(date +%s) + time)) passed=0 failed=0
mkdir -p "$build/test-logs"

# siege SEED ROUNDS BEATS ARGUMENTS: one machine. The limit is the processor's time, so that a busy build host is no hang: the guests' clock counts
# instructions, eight nanoseconds each.
siege()
{
	status=0
	# shellcheck disable=SC2086 # words
	(ulimit -t "${LIMIT:-240}"; exec timeout 3600 $qemu -icount shift=3,sleep=off -rtc base=2026-01-01T00:00:00,clock=vm -seed "$1" -serial "file:$log" \
		-kernel "$build/ravelin" -append 'com1=115200,8n1 console=com1 loglvl=all guest_loglvl=all dom0_mem=256M' \
		-initrd "$build/tests/guest.elf siege seed=$1 rounds=$2 beats=$3 $4,$build/tests/guest.elf") </dev/null >/dev/null 2>&1 || status=$?
	[ "$status" -eq 0 ] && grep -qa '^guest: 1 passed, 0 failed' "$log" && ! grep -qaE '^\(RAV\) .*(PANIC|in the hypervisor)' "$log"
}

# same: the same again, to the last character
same()
{
	[ "${REPEAT:-0}" = 1 ] || return 0
	mv "$log" "$log.first"
	siege "$seed" "$rounds" "$beats" '' && cmp "$log" "$log.first"
}

verdict()
{
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok    $2"
	else
		failed=$((failed + 1))
		cp "$log" "$log.$seed"
		echo "FAIL  $2 (status $status, $log.$seed)"
		tail -n 15 "$log.$seed"
	fi
}

# noticed WHAT MESSAGE: it finds what it looks for: a page that does not come back, memory that somebody changed, a guest that died
noticed()
{
	found=1
	siege "$seed" 1 1 "spoil=$1" || ! grep -qa "^guest: .*test_siege.c:[0-9]*: $2" "$log" || found=0
	verdict "$found" "noticed: $1"
}
noticed leak 'host_free_pages() is'
noticed memory 'pattern\[i\] is 0'
noticed innocent 'reason is'
# A build outside a git tree, or one of a tree that changed, runs otherwise: a failure is repeated with the same build.
while :; do
	began=$(date +%s) found=1
	siege "$seed" "$rounds" "$beats" '' && same && found=0
	verdict "$found" "$(($(date +%s) - began)) s  $(grep -a '^guest: siege seed' "$log" | tail -n 1), again: make hostile TIME=0 SEED=$seed"
	seed=$((seed + 1))
	[ "$(date +%s)" -lt "$end" ] || break
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
