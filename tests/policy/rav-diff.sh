# shellcheck shell=bash disable=SC2154 # sourced by tests/policy/run-rav, whose names these are
# rav policy diff, graph, lint, show, load, label.

# --- diff
expect 0 'both allow the same' -- policy diff "$policy" policy/flask
expect 1 '^\+ dom0_t -> security_t security \{ setenforce \}  \(policy\)$' '!^-' -- policy diff "$policy" "$policy.dev"
expect 1 '^- dom0_t -> security_t security \{ setenforce \}' '!^\+' -- policy diff "$policy.dev" "$policy"
mkdir "$tmp/flask"
cp policy/flask/*.cil "$tmp/flask"
# Constraints count: equal categories become enough of them; a rule that a constraint forbids changes nothing.
sed -i 's/(or (eq h1 h2) /(or (dom h1 h2) /' "$tmp/flask/mcs.cil"
expect 1 '^\+ guest_t -> guest_t grant \{ map_read map_write unmap copy \}  \(grant\) with categories that are more' '!^-' -- policy diff "$policy" "$tmp/flask"
sed -i 's/(or (dom h1 h2) /(or (eq h1 h2) /' "$tmp/flask/mcs.cil"
sed -i 's/^(mlsconstrain (domain2 (relabelfrom relabelto)).*/(mlsconstrain (event (bind)) (eq t1 mcs_exempt))/' "$tmp/flask/mcs.cil"
expect 1 '^- guest_event_t -> guest_t event \{ bind \}' -- policy diff "$policy" "$tmp/flask"
cp policy/flask/mcs.cil "$tmp/flask"
# Types, initial labels, transitions, classes.
echo '(type dns_t)(roletype system_r dns_t)(allow dns_t guest_t (event (status)))' >"$tmp/flask/dns.cil"
sed -i 's/(sidcontext domDM (system_u system_r unlabeled_t/(sidcontext domDM (system_u system_r guest_t/' "$tmp/flask/base.cil"
expect 1 '^\+ dns_t -> guest_t event \{ status \}' '^  \+ type dns_t' 'initial SID 13: .*guest_t:s0, before: .*unlabeled_t' -- policy diff "$policy" "$tmp/flask"
expect 1 '"source":"dns_t","target":"guest_t","class":"event","permissions":\["status"\]' -- policy diff --json "$policy" "$tmp/flask"
expect 1 'permission domain_build:start .else answered by domain:unpause' '^  - type xenstore_t' -- policy diff "$policy" "$tmp/plain"
expect 2 'too few' -- policy diff "$policy"
expect 3 'No such file' -- policy diff "$policy" "$tmp/absent"

# --- graph
expect 0 '^dom0_t -> guest_build_t: memory: .*mmu:map_read' '^guest_t -> guest_t: grant within a tenant: ' '^dom0_t -> security_t: policy' \
	'!^guest_t -> dom0_t: (memory|control)' '!^dom0_t -> guest_t: memory' '!_event_t' '!_self_t' -- policy graph -p "$policy"
expect 0 '^digraph policy' 'n[0-9]+ -> n[0-9]+ .*label="memory"' '!label="observe' -- policy graph -p "$policy" -f dot
expect 0 '"from":"dom0_t","to":"guest_build_t","means":"memory"' -- policy graph -p "$policy" --json
expect 0 '^guest_t -> xenstore_t: event' '!^dom0_t -> security_t' '!: grant' -- policy graph -p "$policy" -t guest_t -m event
expect 0 -- policy graph -p "$policy" -o "$tmp/graph.svg"
grep -q '<svg xmlns' "$tmp/graph.svg" && grep -q '>guest_build_t<' "$tmp/graph.svg" && grep -q '</svg>' "$tmp/graph.svg" && ! grep -qw nan "$tmp/graph.svg" &&
	[ "$(grep -c '<g' "$tmp/graph.svg")" -eq "$(grep -c '</g>' "$tmp/graph.svg")" ] && pass || fail "the SVG is not whole"
# What is added to the policy is drawn.
echo '(allow dom0_t guest_t (mmu (map_read)))' >"$tmp/lax.cil"
expect 0 '^dom0_t -> guest_t: memory: mmu:map_read' -- policy graph -p policy/flask -p "$tmp/lax.cil"
expect 2 'which format' -- policy graph -p "$policy" -f gif
expect 2 'no means' -- policy graph -p "$policy" -m love
expect 3 'no type nobody_t' -- policy graph -p "$policy" -t nobody_t

# --- lint: clean but for the one type that the control domain has no use for; each rule of it fires where it should
expect 1 '0 errors, 1 warnings' 'dom0_build_t \[unreachable-type\]' -- policy lint policy/flask
echo '(type lost_t)(roletype system_r lost_t)(type bare_t)(allow bare_t guest_t (event (status)))' >"$tmp/types.cil"
expect 1 'lost_t \[unreachable-type\]' '\(roletype ROLE bare_t\) \[no-label\]' -- policy lint policy/flask "$tmp/types.cil"
echo '(allow any_type guest_t (event (reset)))' >"$tmp/wide.cil"
expect 1 'any_type is [0-9]+ of [0-9]+ types \[wide-attribute\]' -- policy lint policy/flask "$tmp/wide.cil"
mkdir "$tmp/untenanted"
cp policy/flask/*.cil "$tmp/untenanted"
sed -i '/^(call same_tenant (share_memory))/d' "$tmp/untenanted/mcs.cil"
expect 1 'guest_t reaches guest_t of another tenant by grant: .*\[across-tenants\]' -- policy lint "$tmp/untenanted"
expect 1 'dom0_t may turn enforcement off \[setenforce\]' -- policy lint "$policy.dev"
echo '(typepermissive guest_t)' >"$tmp/permissive.cil"
expect 1 'guest_t is permissive.*\[permissive\]' -- policy lint policy/flask "$tmp/permissive.cil"
sed 's/(class xen (/(class teapot (brew))(class xen (/; s/(classorder (/(classorder (teapot /' "${BUILD:-build}/gen/classes.cil" >"$tmp/classes.cil"
echo '(allow guest_t guest_t (teapot (brew)))' >"$tmp/brew.cil"
expect 1 'class teapot; rules for it: 1 \[unknown-class\]' -- policy lint policy/flask "$tmp/classes.cil" "$tmp/brew.cil"
expect 1 '\[ancestors\]' -- policy lint "$tmp/plain"
echo '(neverallow dom0_t guest_t (mmu (map_read)))' >"$tmp/inv.cil"
"$rav" policy build -o "$tmp/lax" policy/flask "$tmp/lax.cil" >/dev/null 2>&1
expect 1 '^error: .*inv.cil:1: neverallow' '1 errors' -- policy lint -i "$tmp/inv.cil" "$tmp/lax"
expect 1 '0 errors' -- policy lint -i "$tmp/inv.cil" "$policy"
expect 3 'cannot be asked' 'name types' -- policy lint -i policy/flask/invariants.cil "$policy"
expect 3 'invariants.cil:[0-9]+: neverallow' -- policy lint policy/flask "$(echo '(allow guest_t dom0_t (mmu (map_read)))' >"$tmp/bad.cil"; echo "$tmp/bad.cil")"
expect 1 '"rule":"unreachable-type"' -- policy lint --json policy/flask

# --- show
expect 0 '^types +[0-9]+' '^sha256 +[0-9a-f]{64}' '^version +30' -- policy show "$policy"
expect 0 '"version":30' '"ancestors":0' -- policy show --json "$policy"
expect 0 '^guest_t .*guest_type' -- policy show --types "$policy"
expect 0 ' 3 dom0 +system_u:system_r:dom0_t:s0-s0:c0.c1023' -- policy show --labels "$policy"
expect 0 'knows every permission' -- policy show --fallback "$policy"

# --- what needs a hypervisor says so here, and does the rest
if [ ! -e /dev/xen/privcmd ]; then
	expect 3 'no hypervisor here' 'try: ' -- policy load "$policy"
	expect 3 'no hypervisor here' -- policy show
	expect 3 'no hypervisor here' -- label list
	expect 3 'no hypervisor here' -- label show 1
	expect 3 'no hypervisor here' -- label set 1 system_u:system_r:guest_t:s0
fi
expect 0 'would be taken' -- policy load -n "$policy"
expect 3 'refused at byte' -- policy load -n "$(head -c 5000 "$policy" >"$tmp/half"; echo "$tmp/half")"
expect 2 'too few' -- label set 1
expect 2 'one too many' -- label list all
expect 3 'does not give its policy back' -- policy show --types
