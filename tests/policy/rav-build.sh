# shellcheck shell=bash disable=SC2154 # sourced by tests/policy/run-rav, whose names these are
# rav policy build, check, hash.

# The same bytes as secilc's, so the same hash.
expect 0 'sha256 [0-9a-f]{64}' -- policy build -o "$tmp/mine" policy/flask
cmp -s "$tmp/mine" "$policy" && pass || fail "rav policy build and secilc differ"
expect 0 "^$(sha256sum <"$policy" | cut -d' ' -f1)  $policy\$" -- policy hash "$policy"
expect 0 "\"sha256\":\"$(sha256sum <"$policy" | cut -d' ' -f1)\"" -- policy hash --json "$policy"
expect 0 -- policy build -c 24 -o "$tmp/old" policy/flask
expect 0 '"ok":true' -- policy check --json "$tmp/old"
expect 0 '!ancestors' -- policy check policy/flask

# A policy as one writes it for Xen, with the classes that Xen has; "$tmp/plain" for the scripts that follow.
"${BUILD:-build}/tools/mkclasses" --xen >"$tmp/xen-classes.cil"
i=0
for type in xen xen dom0 domio domxen unlabeled security hardware hardware hardware hardware domU dm_dom; do
	i=$((i + 1))
	echo "(sid s$i)(sidcontext s$i (system_u system_r ${type}_t ((s0) (s0))))"
done >"$tmp/xen-sids.cil"
echo "(sidorder ($(seq -s ' ' -f 's%.0f' 13)))" >>"$tmp/xen-sids.cil"
expect 0 '[1-9][0-9]* permissions answered by ancestors' -- policy build -o "$tmp/plain" "$tmp/xen-classes.cil" "$tmp/xen-sids.cil" tests/policy/plain-xen.cil

# Errors have a place.
echo '(allow guest_t nosuch_t (mmu (map_read)))' >"$tmp/name.cil"
expect 1 "^$tmp/name.cil:1: " 'nosuch_t: declared nowhere' '!guest_t: declared' 'try:' -- policy check policy/flask "$tmp/name.cil"
printf '\n\n(allow guest_t dom0_t (mmu (map_reads map_read)))\n' >"$tmp/perm.cil"
expect 1 "^$tmp/perm.cil:3: " 'map_reads: declared nowhere' '!map_read: ' -- policy check policy/flask "$tmp/perm.cil"
printf '; a comment (with (parens\n(allo guest_t dom0_t (mmu (map_read)))\n' >"$tmp/keyword.cil"
expect 1 "^$tmp/keyword.cil:2: Unknown keyword allo" -- policy check policy/flask "$tmp/keyword.cil"
printf '(allow guest_t\n' >"$tmp/open.cil"
expect 1 "^$tmp/open.cil:[12]: .*parenthesis" -- policy check policy/flask "$tmp/open.cil"
echo '(allow guest_t dom0_t (mmu (map_read)))' >"$tmp/never.cil"
expect 1 'invariants.cil:[0-9]+: neverallow' "allow at $tmp/never.cil:1" -- policy check policy/flask "$tmp/never.cil"
expect 1 '"ok":false' "\"file\":\"$tmp/name.cil\",\"line\":1" -- policy check --json policy/flask "$tmp/name.cil"
expect 1 -- policy build -o "$tmp/never" policy/flask "$tmp/never.cil"
[ ! -e "$tmp/never" ] && pass || fail "a policy that does not compile was written"

# Binaries that are not whole: what the hypervisor would say. Each cut and a flipped byte at many places.
for cut in 0 1 4 19 100 3000 20000; do
	head -c "$cut" "$policy" >"$tmp/cut"
	expect 1 '(refused at byte [0-9]+, section|not a compiled policy|neither|error)' -- policy check "$tmp/cut"
done
size=$(stat -c %s "$policy")
for i in $(seq 1 40); do
	cp "$policy" "$tmp/flip"
	printf '\377' | dd of="$tmp/flip" bs=1 seek=$((i * size / 41)) conv=notrunc status=none
	timeout 60 "$rav" policy check "$tmp/flip" >"$tmp/out" 2>&1
	case $? in 0 | 1) pass ;; *) fail "a flipped byte at $((i * size / 41))" "$(cat "$tmp/out")" ;; esac
done

# Wrong command lines.
expect 2 'try: rav policy build --help' -- policy build policy/flask
expect 2 'no policy version' -- policy build -c 99 -o "$tmp/x" policy/flask
expect 2 "no option '--jsn'" -- policy check --jsn "$policy"
expect 2 'too few' -- policy hash
expect 2 "has no verb 'chekc'" -- policy chekc
expect 0 'usage: rav policy check' -- policy check --help
expect 3 'No such file' 'try:' -- policy check "$tmp/absent"
mkdir "$tmp/empty"
expect 3 'no \*.cil' -- policy check "$tmp/empty"
expect 3 'No such file|directory' -- policy build -o "$tmp/absent/x" policy/flask
expect 3 'not a compiled policy' 'try: compile' -- policy hash policy/flask/base.cil
expect 3 'name one compiled policy alone' -- policy check "$policy" policy/flask

# No memory for a text: said, and nothing is written (it was a null pointer, found by gcc -fanalyzer).
echo 'void *open_memstream(char **text, unsigned long *len); void *open_memstream(char **text, unsigned long *len) { (void)text; (void)len; return 0; }' |
	gcc -shared -fPIC -o "$tmp/no-memory.so" -x c -
for command in "policy build -o $tmp/none policy/flask" "policy graph -f svg -o $tmp/none -p $policy" "policy lint --invariants $tmp/none.cil $policy"; do
	echo '(neverallow guest_t dom0_t (domain (destroy)))' >"$tmp/none.cil"
	# shellcheck disable=SC2086 # words
	out=$(LD_PRELOAD=$tmp/no-memory.so ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 "$rav" $command 2>&1)
	[ $? -eq 3 ] && grep -q 'out of memory' <<<"$out" && [ ! -e "$tmp/none" ] && pass || fail "rav $command without memory" "$out"
done
