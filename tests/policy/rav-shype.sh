# rav shype: compiling, refusing, looking into a policy.

banks=policy/shype/banks.xml
expect 0 'policy banks, 4 labels' -- shype check "$banks"
expect 0 'sha256 [0-9a-f]{64}' -- shype build -o "$tmp/banks" "$banks"
expect 0 "$(sha256sum <"$tmp/banks" | cut -d' ' -f1)" -- shype check --json "$tmp/banks"
expect 0 'policy banks' -- policy build -o "$tmp/same" "$banks"
cmp -s "$tmp/banks" "$tmp/same" && pass || fail "rav policy build and rav shype build differ"
expect 0 'policy apart' -- shype check policy/shype/apart.xml
expect 0 '^bank_a \(machine\)' 'context guest_t:c1' '^disk_bank_a \(resource\)' -- shype labels "$tmp/banks"
expect 0 '"label":"bank_b","kind":"machine","types":\["ste_bank_b"\]' -- shype labels --json "$tmp/banks"
expect 0 '^conflict set banks' -- shype show "$banks"
expect 0 '^bank_a and bank_b: conflict set banks$' -- shype conflicts "$tmp/banks"
expect 0 '!bank' -- shype conflicts "$tmp/banks" control
expect 0 '"set":"banks"' -- shype conflicts --json "$banks" system_u:system_r:guest_t:s0:c2
expect 1 'may not share' 'may not run at the same time: conflict set banks' -- shype explain "$tmp/banks" bank_a bank_b
expect 1 'may not share' 'they may run at the same time' -- shype explain policy/shype/apart.xml bank_a bank_b
expect 0 'may share: types in common' 'common: ste_bank_a' -- shype explain "$tmp/banks" bank_a disk_bank_a
expect 0 '"share":true' -- shype explain --json "$tmp/banks" system_u:system_r:dom0_t:s0-s0:c0.c1023 bank_b
expect 1 'has no label: it shares with nobody' -- shype explain "$tmp/banks" system_u:system_r:guest_t:s0:c7 bank_b
expect 3 'no such label' -- shype explain "$tmp/banks" bank_c bank_b
expect 3 'no such label' -- shype conflicts "$tmp/banks" bank_c
expect 2 'where to' -- shype build "$banks"
expect 2 'too few' -- shype explain "$tmp/banks" bank_a
expect 3 'no hypervisor' -- shype load "$tmp/banks"
expect 3 'no hypervisor' -- shype status
expect 3 'no hypervisor' -- shype may-share 0 1

# Wrong XML: each error with its line, and nothing is written. changed NAME SED-SCRIPT
changed() { sed "$2" "$banks" >"$tmp/$1.xml"; }
changed type 's|<VirtualMachineLabel>|&<!-- -->|; s|<Type>ste_bank_b</Type></Simple|<Type>ste_bank_c</Type></Simple|'
expect 1 "^$tmp/type.xml:[0-9]+: type ste_bank_c is declared nowhere" -- shype check "$tmp/type.xml"
expect 1 'declared nowhere' -- shype build -o "$tmp/no" "$tmp/type.xml"
[ ! -e "$tmp/no" ] && pass || fail "a policy that does not compile was written"
changed twice 's|<Type>ste_bank_b</Type>$|<Type>ste_bank_a</Type>|'
expect 1 'type ste_bank_a is declared twice' -- shype check "$tmp/twice.xml"
changed same 's|^        <Type>cw_bank_b</Type>|        <Type>cw_bank_a</Type>|'
expect 1 'conflict set banks needs two types' -- shype check "$tmp/same.xml"
changed sets 's|</Conflict>|&<Conflict name="banks"><Type>cw_bank_a</Type><Type>cw_bank_b</Type></Conflict>|'
expect 1 'conflict set banks is defined twice' -- shype check "$tmp/sets.xml"
changed label 's|<Name>bank_b|<Name>bank_a|'
expect 1 'label bank_a is defined twice' -- shype check "$tmp/label.xml"
changed wall 's|<ChineseWallTypes><Type>cw_bank_a</Type>|&<Type>cw_bank_b</Type>|'
expect 1 'label bank_a has 2 types of the conflict set banks: it could never run' -- shype check "$tmp/wall.xml"
changed context 's|categories="c2"|categories="c1"|'
expect 1 'label bank_a asks for this context already' -- shype check "$tmp/context.xml"
changed high 's|categories="c2"|categories="c4096"|'
expect 1 'category c4096: the last one is c4095' -- shype check "$tmp/high.xml"
changed double 's|categories="c2"|categories="c2,c2"|'
expect 1 'c2 is there twice' -- shype check "$tmp/double.xml"
changed boot 's|bootstrap="control"|bootstrap="nobody"|'
expect 1 'bootstrap=nobody, the control domain.s label, is defined nowhere' -- shype check "$tmp/boot.xml"

# What the schema refuses.
changed element 's|<Description>|<Surprise/>&|'
expect 1 "^$tmp/element.xml:[0-9]+: .*Surprise" -- shype check "$tmp/element.xml"
changed name 's|<Name>bank_b|<Name>bank b|'
expect 1 'bank b' -- shype check "$tmp/name.xml"
changed long 's|<Name>bank_b|<Name>bank_b_whose_name_is_longer_than_it_may_be|'
expect 1 'longer' -- shype check "$tmp/long.xml"
changed one 's|^        <Type>cw_bank_b</Type>||'
expect 1 'Conflict' -- shype check "$tmp/one.xml"
head -c 900 "$banks" >"$tmp/cut.xml"
expect 1 "^$tmp/cut.xml:[0-9]+: " -- shype check "$tmp/cut.xml"
: >"$tmp/empty.xml"
expect 1 -- shype check "$tmp/empty.xml"

# Nothing is fetched and nothing grows: no document type, no other encoding, bounded size and depth.
changed dtd 's|^<SecurityPolicy|<!DOCTYPE x [<!ENTITY a "b">]>&|'
expect 1 'a document type' -- shype check "$tmp/dtd.xml"
changed xxe 's|^<SecurityPolicy|<!DOCTYPE x SYSTEM "file:///etc/passwd">&|'
expect 1 'a document type' '!root:' -- shype check "$tmp/xxe.xml"
iconv -t UTF-16 <(sed 's/encoding="UTF-8"/encoding="UTF-16"/' "$tmp/dtd.xml") >"$tmp/utf16.xml"
expect 1 'zero byte' -- shype check "$tmp/utf16.xml"
changed latin 's|encoding="UTF-8"|encoding="ISO-8859-1"|'
expect 1 'encoding other than UTF-8' -- shype check "$tmp/latin.xml"
{ head -c 2000000 /dev/zero | tr '\0' ' '; cat "$banks"; } >"$tmp/large.xml"
expect 1 'more than 1048576 bytes' -- shype check "$tmp/large.xml"
{ for i in $(seq 1 2000); do printf '<a>'; done; } >"$tmp/deep.xml"
expect 1 "^$tmp/deep.xml:1: " -- shype check "$tmp/deep.xml"
changed hint 's|<SecurityPolicyDefinition>|<SecurityPolicyDefinition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="/etc/passwd">|'
expect 0 '!root:' -- shype check "$tmp/hint.xml"

# Binaries that are not whole: as the hypervisor would say it.
for cut in 4 30 60 200 700; do
	head -c "$cut" "$tmp/banks" >"$tmp/cut"
	expect 1 'refused at byte [0-9]+, section' -- shype check "$tmp/cut"
done
