# shellcheck shell=bash disable=SC2154 # sourced by tests/policy/run-rav, whose names these are
# rav policy explain: rules, constraints, labels, booleans, ancestors; log lines good and hostile.

record='(RAV) avc:  denied  { map_read map_write } for domid=0 target=3 op=memory.add_to_physmap_batch gfn=0x10 scontext=system_u:system_r:dom0_t:s0-s0:c0.c1023 tcontext=system_u:system_r:guest_t:s0:c1 tclass=mmu permissive=0'

# A missing rule: the line that adds it, and that line does.
expect 1 '^denied: .*in memory.add_to_physmap_batch' 'add: \(allow dom0_t guest_t \(mmu \(map_read map_write\)\)\)' 'memory: reads or writes' \
	'every dom0_t to every guest_t, of any tenant' 'through guest_t: ' -- policy explain -p policy/flask "$record"
"$rav" policy explain --json -p policy/flask "$record" 2>&1 | grep -oE '\(allow dom0_t guest_t [^"]*' >"$tmp/add.cil"
expect 0 '^allowed: ' '\(allow dom0_t guest_t \(mmu \(map_read map_write\)\)\)' "$tmp/add.cil:1" -- policy explain -p policy/flask -p "$tmp/add.cil" "$record"
# auditd's form of the same.
expect 1 'add: \(allow' -- policy explain -p "$policy" "type=AVC msg=audit(1700000000.123:42): ${record#(RAV) }"
# One that an invariant rules out.
expect 1 'would refuse' 'invariants.cil:[0-9]+: \(neverallow guest_type' 'through dom0_t: policy on security_t' -- policy explain -p policy/flask guest_t:s0:c1 dom0_t mmu map_read
# Which operations a permission opens besides.
expect 1 'operations that ask pausedomain|operations that ask pause first: domctl.pausedomain' -- policy explain -p "$policy" guest_t guest_t domain pause

# A constraint: which, where, for whom it would hold; no rule is proposed for what a rule allows.
expect 1 'a constraint forbids it' 'mcs.cil:[0-9]+: \(call same_tenant \(share_memory\)\)' 'h1 eq h2 -Fail-' \
	'a target labelled system_u:system_r:guest_t:s0:c1$' '!to allow it, add' -- policy explain -p policy/flask guest_t:s0:c1 guest_t:s0:c2 grant map_read
expect 0 '^allowed' -- policy explain -p policy/flask guest_t:s0:c1 guest_t:s0:c1 grant map_read
expect 1 'a constraint forbids' '!mcs.cil' -- policy explain -p "$policy" guest_t:s0:c1 guest_t:s0:c2 grant map_read
# Both.
expect 1 'no rule lets' 'a constraint forbids' -- policy explain -p policy/flask guest_t:s0:c1 guest_t:s0:c2 mmu map_read

# Allowed: by which rule, from which line through which macro.
expect 0 'by$' '\(allow guest_t guest_t \(grant' 'macros.cil:[0-9]+, called at policy/flask/guest.cil:[0-9]+' -- policy explain -p policy/flask guest_t guest_t grant map_read
expect 0 '"allowed":true' -- policy explain --json -p "$policy" guest_t self mmu physmap

# Labels that are none: what is missing in the policy.
expect 1 'no type nosuch_t' 'add: \(type nosuch_t\)' -- policy explain -p "$policy" system_u:system_r:nosuch_t:s0 guest_t mmu map_read
expect 1 'no user u' -- policy explain -p "$policy" u:system_r:guest_t:s0 guest_t mmu map_read
echo '(role other_r)(type other_t)' >"$tmp/role.cil"
expect 1 'add: \(roletype system_r other_t\)' -- policy explain -p policy/flask -p "$tmp/role.cil" system_u:system_r:other_t:s0 guest_t mmu map_read
expect 1 'add: \(userrole system_u other_r\)' -- policy explain -p policy/flask -p "$tmp/role.cil" -p <(echo '(roletype other_r other_t)' >"$tmp/role2.cil") \
	-p "$tmp/role2.cil" system_u:other_r:other_t:s0 guest_t mmu map_read
expect 1 'range s0:c2000' -- policy explain -p "$policy" system_u:system_r:guest_t:s0:c2000 guest_t mmu map_read

# A rule that waits for a boolean.
echo '(boolean open false)(booleanif open (true (allow guest_t dom0_t (event (status)))))' >"$tmp/boolean.cil"
expect 1 'exists, and is off: open=0' -- policy explain -p policy/flask -p "$tmp/boolean.cil" guest_t dom0_t event status
sed -i 's/open false/open true/' "$tmp/boolean.cil"
expect 0 'by a boolean' -- policy explain -p policy/flask -p "$tmp/boolean.cil" guest_t dom0_t event status

# A policy for Xen, which does not know our permissions.
expect 0 'domain_build:start answered by domain:unpause' -- policy show --fallback "$tmp/plain"
expect 0 'ancestor domain:unpause answers' -- policy explain -p "$tmp/plain" dom0_t domU_t domain_build start

# Input: many lines, repeats once, noise between them; records that are cut.
{ echo noise; echo "$record"; echo "$record"; echo "${record/dom0_t:s0-s0:c0.c1023/guest_t:s0}"; } >"$tmp/log"
out=$("$rav" policy explain -p "$policy" <"$tmp/log" 2>&1)
[ $? -eq 1 ] && [ "$(grep -c '^denied' <<<"$out")" -eq 2 ] && pass || fail "a log of two records" "$out"
expect 3 'no AVC record' 'try: quote' -- policy explain -p "$policy" 'hello'
expect 3 'no AVC record in the input' -- policy explain -p "$policy"
expect 3 'no scontext=' -- policy explain -p "$policy" 'avc: denied { read } for tclass=mmu'
expect 3 "no '}'" -- policy explain -p "$policy" 'avc: denied { read for'
expect 3 'no permission' -- policy explain -p "$policy" 'avc: denied { } for scontext=a tcontext=b tclass=c'
expect 3 -- policy explain -p "$policy" "avc: denied { $(seq -s ' ' 1 100) } for"
expect 1 'neither the policy nor the hypervisor knows mmu:fly' -- policy explain -p "$policy" 'avc: denied { fly } for scontext=system_u:system_r:guest_t:s0 tcontext=system_u:system_r:guest_t:s0 tclass=mmu'
expect 2 'one record, or' -- policy explain -p "$policy" guest_t guest_t
for i in $(seq 0 9 ${#record}); do
	"$rav" policy explain -p "$policy" "${record:0:$i}" >"$tmp/out" 2>&1
	case $? in 1 | 3) pass ;; *) fail "a record cut at $i" "$(cat "$tmp/out")" ;; esac
done
