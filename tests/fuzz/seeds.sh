#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Purpose: first inputs for the fuzzers, where no corpus can be written by hand: seeds.sh BUILD FUZZ, into FUZZ/NAME.corpus.
# Locking: none. Trust boundary: none.
set -eu
build=$1 fuzz=$2
corpus() { mkdir -p "$fuzz/$1.corpus"; echo "$fuzz/$1.corpus"; }

mkdir -p "$fuzz/cil"
"$fuzz/make-seeds" cil "$fuzz/cil" 20
for f in "$fuzz"/cil/*.cil; do
	n=$(basename "$f" .cil)
	secilc -N -t xen -M true -c $((n % 2 ? 24 : 30)) -f /dev/null -o "$(corpus fuzz_flask)/seed-$n" "$f" >/dev/null 2>&1
	cp "$(corpus fuzz_flask)/seed-$n" "$(corpus fuzz_policy_file)"
done
cp "$build/policy" "$(corpus fuzz_flask)/default"
cp policy/flask/*.cil "$(corpus fuzz_cil)"
cp "$build/shype/banks" "$build/shype/apart" "$(corpus fuzz_shype)"
cp policy/shype/*.xml "$(corpus fuzz_shype_xml)"
for name in fuzz_hypercall fuzz_guest fuzz_audit_ring fuzz_xsm_op fuzz_multiboot; do "$fuzz/make-seeds" raw "$(corpus $name)" 60; done
for range in s0 s0:c1 s0:c1,c3.c5 s0-s0:c0.c1023 s0:c1-s0:c0.c2,c9; do
	printf 'system_u:system_r:guest_t:%s' "$range" | tee "$(corpus fuzz_label)/$range" >"$(corpus fuzz_context)/$range"
done
echo '(RAV) avc:  denied  { map_read map_write } for domid=0 target=3 op=memory.x scontext=a:b:c:s0 tcontext=d:e:f:s0:c1 tclass=mmu permissive=0' \
	>"$(corpus fuzz_avc_line)/record"
echo 'com1=38400,8n1 console=com1,vga dom0_mem=512M,max:1G dom0_max_vcpus=2 loglvl=all guest_loglvl=none/all noreboot flask=enforcing' \
	>"$(corpus fuzz_options)/xen"
echo 'audit=64k,block flask=locked selftest=wx maxcpus=3 conring_size=64k no-xsave sync_console' >"$(corpus fuzz_options)/own"
printf -- '--json\n-o\nfile\n--policy=a\n-pb\n--\n-x' >"$(corpus fuzz_rav_options)/all"
for f in tests/fuzz/corpus/fuzz_audit/*; do cp "$f" "$(corpus fuzz_audit_store)"; done
# FLASK_LOAD of a whole policy, then FLASK_GETBOOL and FLASK_COMMITBOOLS
policy=$build/tests/bool.policy size=$(stat -c %s "$build/tests/bool.policy")
# shellcheck disable=SC2059 # the size, as two bytes
{ printf '\1\0\0\0\0'; printf "\\x$(printf %02x $((size / 256)))\\x$(printf %02x $((size % 256)))"; cat "$policy"; printf '\x0b\1\1\0\0\0\0\x0c\1\0\1\1\0\0\x0d\0\0\0\0\0\0'; } \
	>"$(corpus fuzz_xsm_op)/load"
printf '%s\n' 'ravelin-shype-labels 1' 'bridge xenbr0 banks net_a -' 'disk lvm:Kq0Z-1b banks disk_a /dev/vg/a' 'disk wwn:t10.ATA%20QEMU banks disk_a -' \
	'image sha256:00ff banks os /srv/a%20b' 'end 4' >"$(corpus fuzz_shype_store)/seed"
