# shellcheck shell=bash disable=SC2154 # sourced by tests/policy/run-rav, whose names these are
# rav policy query. The answers are the engine's, which tests/hosted/test_flask* hold against libsepol; here every line of tests/policy/cases is asked.

while read -r verdict source target class perms; do
	case $verdict in allow | deny) ;; *) continue ;; esac
	# shellcheck disable=SC2086
	out=$("$rav" policy query -p "$policy" "$source" "$target" $class $perms 2>&1)
	status=$? lines=$(grep -cE '^  (allowed|denied) ' <<<"$out")
	if [ "$verdict" = allow ] && [ "$status" -eq 0 ] && ! grep -q '^  denied' <<<"$out" && [ "$lines" -eq "$(wc -w <<<"$perms")" ]; then pass
	elif [ "$verdict" = deny ] && [ "$status" -eq 1 ] && ! grep -q '^  allowed' <<<"$out" && [ "$lines" -eq "$(wc -w <<<"$perms")" ]; then pass
	else fail "$verdict $source $target $class $perms: status $status" "$out"; fi
done <tests/policy/cases

expect 0 'guest_t:s0:c1 -> system_u:system_r:guest_self_t:s0:c1' 'allowed *physmap' -- policy query -p "$policy" guest_t:s0:c1 self mmu
expect 0 '"permission":"map_read","allowed":true' -- policy query --json -p policy/flask guest_t:s0:c1 guest_t:s0:c1 grant map_read
expect 1 'nothing is allowed' -- policy query -p "$policy" unlabeled_t unlabeled_t
RAV_POLICY=$policy expect 0 'allowed' -- policy query dom0_t xen_t xen physinfo
expect 2 'which policy\?' 'try: -p' -- policy query guest_t guest_t
expect 3 'gest_t is no label' -- policy query -p "$policy" gest_t guest_t
expect 3 'no type gest_t' 'add to the policy: \(type gest_t\)' -- policy query -p "$policy" system_u:system_r:gest_t:s0 guest_t
expect 3 'range s0-s9' -- policy query -p "$policy" system_u:system_r:guest_t:s0-s9 guest_t
expect 3 'no user' -- policy query -p "$policy" root:system_r:guest_t:s0 guest_t
expect 3 'no class' -- policy query -p "$policy" guest_t guest_t nosuch
expect 3 "no permission 'fly'" -- policy query -p "$policy" guest_t guest_t mmu fly
expect 3 'is no label' -- policy query -p "$policy" "$(head -c 9000 /dev/zero | tr '\0' a)" guest_t
expect 3 -- policy query -p "$policy" "$(printf 'a:b:c\033[31m')" guest_t

# A class that the hypervisor gains has a place in the table of means (tools/rav/perms.c), or is one that reaches nobody.
# shellcheck disable=SC2013 # one word a line
for class in $(sed -n 's/^CLASS(\([a-z0-9_]*\))$/\1/p' xsm/permissions.def); do
	case $class in interface | version) pass; continue ;; esac
	grep -q "{ \"$class\", " tools/rav/perms.c && pass || fail "tools/rav/perms.c says nothing about class $class"
done
