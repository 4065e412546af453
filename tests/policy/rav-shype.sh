# shellcheck shell=bash disable=SC2154 # sourced by tests/policy/run-rav, whose names these are
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
{ for _ in $(seq 1 2000); do printf '<a>'; done; } >"$tmp/deep.xml"
expect 1 "^$tmp/deep.xml:1: " -- shype check "$tmp/deep.xml"
changed hint 's|<SecurityPolicyDefinition>|<SecurityPolicyDefinition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="/etc/passwd">|'
expect 0 '!root:' -- shype check "$tmp/hint.xml"

# Binaries that are not whole: as the hypervisor would say it.
for cut in 4 30 60 200 700; do
	head -c "$cut" "$tmp/banks" >"$tmp/cut"
	expect 1 'refused at byte [0-9]+, section' -- shype check "$tmp/cut"
done

# Labels of resources: given, found again, taken away. (Plain files that are written to need root's attributes: tests/rav/test_shype_store.c, make demo-shype.)
mkdir -m 700 "$tmp/store" && export RAV_SHYPE_STORE=$tmp/store/labels
expect 0 '!.' -- shype resources
expect 0 '^\[\]$' -- shype resources --json
expect 1 'it has no label' -- shype getlabel --bridge xenbr0
expect 0 '^bridge xenbr0: label bank_a of policy banks$' -- shype setlabel -p "$tmp/banks" --bridge xenbr0 bank_a
echo content >"$tmp/os.img"
expect 0 "^image sha256:$(sha256sum <"$tmp/os.img" | cut -d' ' -f1): label disk_bank_a of policy banks, seen as $tmp/os.img" -- \
	shype setlabel -p "$banks" --disk "$tmp/os.img" --read-only disk_bank_a
mv "$tmp/os.img" "$tmp/moved image.img"
expect 0 'label disk_bank_a' -- shype getlabel --read-only --disk "$tmp/moved image.img"
expect 0 '"kind":"image".*"label":"disk_bank_a"' -- shype getlabel --json --read-only --disk "$tmp/moved image.img"
echo other >"$tmp/os.img"
expect 1 'no image with this SHA-256 has a label' -- shype getlabel --read-only --disk "$tmp/os.img"
expect 0 'label bank_b' -- shype setlabel --store "$RAV_SHYPE_STORE" -p "$tmp/banks" --bridge xenbr0 bank_b
expect 0 'label bank_b' '!label bank_a of' -- shype resources
expect 0 '"id":"xenbr0","policy":"banks","label":"bank_b"' -- shype resources --json
expect 0 'label bank_b' -- shype getlabel --id 'bridge xenbr0'
expect 1 'no such identifier' -- shype getlabel --id 'bridge xenbr1'
expect 1 'no such identifier' -- shype rmlabel --id 'tape x'
expect 0 'bridge xenbr0' -- shype rmlabel --bridge xenbr0
expect 1 'it has no label' -- shype rmlabel --bridge xenbr0
[ "$(stat -c %a "$RAV_SHYPE_STORE")" = 600 ] && pass || fail "the store's mode"
kept=$(cat "$RAV_SHYPE_STORE")
expect 3 'policy banks has no such label' -- shype setlabel -p "$tmp/banks" --bridge xenbr0 bank_c
expect 3 'no hypervisor' -- shype setlabel --bridge xenbr0 bank_a
expect 3 'No such file' -- shype setlabel -p "$tmp/banks" --disk "$tmp/none" bank_a
expect 3 'neither a block device nor a plain file' -- shype setlabel -p "$tmp/banks" --disk /dev/null --read-only bank_a
expect 3 'no name of a bridge' -- shype setlabel -p "$tmp/banks" --bridge 'a b' bank_a
expect 2 'which resource' -- shype setlabel -p "$tmp/banks" bank_a
expect 2 'which resource' -- shype getlabel --bridge a --disk b
expect 2 'no name of a label' -- shype setlabel -p "$tmp/banks" --bridge a 'b c'
expect 2 '--read-only is for a disk' -- shype getlabel --bridge a --read-only
expect 2 'no option' -- shype getlabel --bridge a -p "$tmp/banks"
expect 2 'which domain' -- shype may-attach --bridge a
expect 3 'no hypervisor' -- shype may-attach --domain 1 --bridge a
expect 2 'names them all' -- shype resources --bridge a
expect 2 'names them all' -- shype attached --bridge a
expect 3 'no hypervisor' -- shype attached
[ "$(cat "$RAV_SHYPE_STORE")" = "$kept" ] && pass || fail "a refused change was written"
sed -i '$d' "$RAV_SHYPE_STORE"
expect 3 'labels: line [0-9]+: cut short' -- shype resources
expect 3 'cut short' -- shype setlabel -p "$tmp/banks" --bridge xenbr0 bank_a
chmod 640 "$RAV_SHYPE_STORE"
expect 3 "its owner's alone" -- shype resources
chmod 770 "$tmp/store"
expect 3 'others may write in its directory' -- shype resources
unset RAV_SHYPE_STORE

# A bank's guest and its competitor, by a policy in which nothing is constrained: what replaces a policy, as none can be removed.
open=policy/shype/open.xml
expect 0 'policy open' -- shype check "$open"
expect 0 'may share' 'they may run at the same time' -- shype explain "$open" system_u:system_r:guest_t:s0:c1 system_u:system_r:guest_t:s0:c2
expect 0 '"share":true' -- shype explain --json "$open" system_u:system_r:guest_build_t:s0:c1 system_u:system_r:dom0_t:s0
expect 0 '!^. and ' -- shype conflicts "$open"
