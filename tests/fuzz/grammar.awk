# SPDX-License-Identifier: Apache-2.0
# Purpose: clang's record layouts (-fdump-record-layouts-complete) as the fields of the structures that operations.def names, for the hypercall
#	fuzzer: structure, member of its union `u` (or ""), offset, size, what the field means by its type and name.
# Locking: none. Trust boundary: none, it runs where the fuzzers are built.
# Usage: awk -f grammar.awk LAYOUTS >grammar.inc

function meaning(type, name)
{
	if (type ~ /\*/ || (type == "uint64_t" && name ~ /buffer|conflicts|policy$/)) return "POINTER"
	if (type == "domid_t" || name ~ /^(domid|dom|remote_dom)$/) return "DOMID"
	if (type == "evtchn_port_t" || name ~ /port$/) return "PORT"
	if (type == "grant_ref_t" || name ~ /^ref$/) return "REF"
	if (type == "grant_handle_t") return "HANDLE"
	if (name ~ /host_addr/) return "ADDRESS"
	if (type == "xen_pfn_t" || name ~ /gfn|gpfn|gmfn|mfn|^frame$|^idx$/) return "GFN"
	if (name ~ /sid/) return "SID"
	if (name ~ /vcpu|cpu$|cpuid$/) return "VCPU"
	if (name ~ /size|count|^nr|_nr|len|num|max_|order/) return "COUNT"
	return "WORD"
}

function size_of(type)
{
	if (type ~ /\*/) return 8
	sub(/\[.*/, "", type)
	if (type ~ /^(u?int8_t|char|unsigned char|_Bool|bool)$/) return 1
	if (type ~ /^(u?int16_t|domid_t|short|unsigned short)$/) return 2
	if (type ~ /^(u?int64_t|xen_pfn_t|xen_ulong_t|xen_long_t|long|unsigned long|size_t)$/) return 8
	if (type == "xen_domain_handle_t") return 8
	return 4
}

function emit(    type, name)
{
	name = held
	sub(/.* /, "", name)
	type = held
	sub(/ [^ ]*$/, "", type)
	gsub(/const |volatile /, "", type)
	if (!(record in kept) && record != "")
		printf "\t{ \"%s\", \"%s\", %d, %d, FIELD_%s },\n", record, held_group, held_at, size_of(type), meaning(type, name)
}

/\*\*\* Dumping/ || /\[sizeof=/ {
	if (held != "" && held_depth > 0)
		emit()
	if (/\[sizeof=/ && record != "")
		kept[record] = 1
	record = held = ""
	next
}

/^ *[0-9]+ \| / {
	at = $1
	text = $0
	sub(/^ *[0-9]+ \| /, "", text)
	match(text, /^ */)
	depth = RLENGTH / 2
	sub(/^ */, "", text)
	if (depth == 0) {
		record = text ~ /^struct [a-z0-9_]+$/ ? text : ""
		union = group = held = ""
		next
	}
	if (held != "" && depth <= held_depth)
		emit()				# nothing lies below it: a field
	if (depth == 1) {
		union = text ~ /^union .* u$/
		group = ""
	} else if (depth == 2 && union) {
		group = text
		sub(/.* /, "", group)
	}
	held = text
	held_depth = depth
	held_at = at
	held_group = group
}
