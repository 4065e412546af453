# shellcheck shell=bash disable=SC2154 # sourced by tests/policy/run-rav, whose names these are
# rav audit on files alone: filters, formats, statuses; the chain computed by sha256sum.
log=$tmp/audit.log
boot=11111111111111111111111111111111
head=$(printf %064d 0)
zero=$head
n=0
record() {
	local line
	n=$((n + 1))
	line="type=$1 msg=audit(1763700000.$(printf %03d $n):$n): $2"
	head=$(printf %s%s "$head" "$line" | sha256sum | cut -c1-64)
	echo "$line" >>"$log"
}
mark() { echo "type=$1 msg=audit(1763700001.000:0): rav: $2 boot=$boot seq=$n head=$head" >>"$log"; }
guest=system_u:system_r:guest_t:s0:c1
mark DAEMON_START anchor
record SYSTEM_BOOT "ravelin: boot=$boot version=0.1 policy=00 fallback=0 enforcing=1 full=0"
record VIRT_CONTROL "ravelin: op=create domid=1 by=0 vm-ctx=$guest"
record AVC "avc:  denied  { map_read map_write } for domid=1 target=2 comm=\"d1\" op=grant_table.map_grant_ref gref=0x1 scontext=$guest tcontext=system_u:system_r:guest_t:s0:c2 tclass=grant permissive=0"
record AVC "avc:  denied  { domctl } for domid=1 target=1 comm=\"d1\" scontext=$guest tcontext=system_u:system_r:guest_self_t:s0:c1 tclass=interface permissive=0"
record AVC "avc:  granted  { load_policy } for domid=0 comm=\"d0\" op=xsm.load scontext=system_u:system_r:dom0_t:s0 tcontext=system_u:system_r:security_t:s0 tclass=security permissive=0"
record KERNEL "ravelin: lost=77 domid=1 by=0"
mark DAEMON_END end

expect 0 'map_read map_write' '!load_policy' -- audit show --log "$log" --denied
expect 0 '^type=AVC msg=audit\(1763700000\.003:3\): ' -- audit show --log "$log" --raw --class grant
expect 0 '"permissions":\["map_read","map_write"\]' '"decision":"denied"' '"record":3' '"gref":"0x1"' -- audit show --log "$log" --json --operation 'grant*'
expect 0 'op=create' -- audit show --log "$log" --type VIRT_CONTROL --label guest_t
expect 1 '!.' -- audit show --log "$log" --domain 9
expect 1 '!.' -- audit show --log "$log" --since 1763700100
expect 0 'domctl' '!map_read' -- audit show --log "$log" --permission domctl
expect 0 '^8 records' '77  domain 1' 'guest_t:s0:c1 -> guest_self_t:s0:c1 interface \{ domctl \}' -- audit stats --log "$log" --until 1763700009
expect 0 '"lost":\{"domain 1":77\}' -- audit stats --log "$log" --json
expect 0 'whole and unchanged: 6 records' -- audit verify --log "$log" --head "$boot:$n:$head"
expect 0 '"ok":true' '"proof":"proven"' -- audit verify --log "$log" --head "$boot:$n:$head" --json
expect 1 'TAMPERED OR DAMAGED: .*another head|differs from the one that was kept' -- audit verify --log "$log" --head "$boot:$n:$zero"
sed 's/gref=0x1/gref=0x2/' "$log" >"$tmp/edited"
expect 1 '^TAMPERED OR DAMAGED: ' -- audit verify --log "$tmp/edited" --head "$boot:$n:$head"
expect 1 '"ok":false' '"reason":"' -- audit verify --log "$tmp/edited" --head "$boot:$n:$head" --json
printf 'type=AVC msg=audit(x): \033[2J\n' >>"$log"
expect 0 'lines are no records' -- audit show --log "$log"
expect 1 'audit.log:9: not a record' -- audit verify --log "$log" --head "$boot:$n:$head"

expect 2 'is no time' 'try: rav audit show --help' -- audit show --since tomorrow
expect 2 "is no domain's number" -- audit show --domain x
expect 2 'unknown option' -- audit show --wrong
expect 2 "unexpected 'x'" -- audit show x
expect 2 'not BOOT:SEQ:HEAD' -- audit verify --head 1:2
expect 2 'at least 16' -- audit daemon --size 1
expect 2 "no verb 'what'" -- audit what
expect 0 'usage: rav audit show' '--operation NAME' -- audit show --help
expect 3 'No such file or directory' 'try: ' -- audit show --log "$tmp/none"
expect 3 '/dev/xen/privcmd: ' 'try: run it as root in the control domain' -- audit head
