#!/usr/bin/env bash
# Every leaf operation that Xen's public headers have a name for is a row of operations.def, and every row has a name there; and docs/HYPERCALLS.md is
# what the table says. Numbers are compared, not names: opgen prints the table's, a small C program the headers'.
# Usage: check-operations.sh OPGEN [DIRECTORY-OF-XEN-HEADERS]
set -u
opgen=$1 headers=${2:-/usr/include/xen}
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
fail() { echo "FAIL  $*"; failed=$((failed + 1)); }

# hypercall, header, names of operations, names among those that are none, the operation they are nested commands of
families() { cat <<'LIST'
memory_op        memory.h           XENMEM_[a-z_]+          XENMEM_(access_op|paging_op|sharing_op|resource)_.*|XENMEM_add_to_physmap_range
multicall        -
set_timer_op     -
xen_version      version.h          XENVER_[a-z_]+
console_io       xen.h              CONSOLEIO_[a-z]+
grant_table_op   grant_table.h      GNTTABOP_[a-z_]+        GNTTABOP_error_msgs
vm_assist        -
vcpu_op          vcpu.h             VCPUOP_[a-z_]+
xsm_op           xsm/flask_op.h     FLASK_[A-Z_]+
sched_op         sched.h            SCHEDOP_[a-z_]+
event_channel_op event_channel.h    EVTCHNOP_[a-z_]+
hvm_op           hvm/hvm_op.h       HVMOP_[a-z_0-9]+        HVMOP_altp2m_.*
domctl           domctl.h           XEN_DOMCTL_[a-z][a-z_0-9]*      XEN_DOMCTL_vmtrace_(enable|disable|reset_and_enable|output_position|get_option|set_option)
domctl           domctl.h           XEN_DOMCTL_SHADOW_OP_[A-Z_]+    -   XEN_DOMCTL_shadow_op
domctl           domctl.h           XEN_DOMCTL_SCHEDOP_[a-z]+       -   XEN_DOMCTL_scheduler_op
domctl           domctl.h           XEN_DOMCTL_DEBUG_OP_[A-Z_]+     -   XEN_DOMCTL_debug_op
domctl           domctl.h           XEN_DOMCTL_VM_EVENT_OP_[A-Z]+   -   XEN_DOMCTL_vm_event_op
domctl           domctl.h           XEN_DOMCTL_MEM_SHARING_[A-Z]+   -   XEN_DOMCTL_mem_sharing_op
domctl           domctl.h           XEN_DOMCTL_PSR_CMT_OP_[A-Z_]+   -   XEN_DOMCTL_psr_cmt_op
domctl           domctl.h           XEN_DOMCTL_MONITOR_OP_[A-Z_]+   -   XEN_DOMCTL_monitor_op
domctl           domctl.h           XEN_DOMCTL_PSR_[GS]ET_[A-Z0-9_]+    -   XEN_DOMCTL_psr_alloc
domctl           domctl.h           XEN_DOMCTL_vmtrace_(enable|disable|reset_and_enable|output_position|get_option|set_option)  -   XEN_DOMCTL_vmtrace_op
sysctl           sysctl.h           XEN_SYSCTL_[a-z][a-z_]*         XEN_SYSCTL_(cpu_featureset|cpu_policy|pm_op)_.*
sysctl           sysctl.h           XEN_SYSCTL_TBUFOP_[a-z_]+       -   XEN_SYSCTL_tbuf_op
sysctl           sysctl.h           XEN_SYSCTL_PERFCOP_[a-z]+       -   XEN_SYSCTL_perfc_op
sysctl           sysctl.h           XEN_SYSCTL_LOCKPROF_[a-z]+      -   XEN_SYSCTL_lockprof_op
sysctl           sysctl.h           XEN_SYSCTL_CPUPOOL_OP_[A-Z]+    -   XEN_SYSCTL_cpupool_op
sysctl           sysctl.h           XEN_SYSCTL_SCHEDOP_[a-z]+       -   XEN_SYSCTL_scheduler_op
sysctl           sysctl.h           XEN_SYSCTL_COVERAGE_[a-z_]+     -   XEN_SYSCTL_coverage_op
sysctl           sysctl.h           XEN_SYSCTL_PSR_CMT_[a-z0-9_]+   -   XEN_SYSCTL_psr_cmt_op
sysctl           sysctl.h           XEN_SYSCTL_PSR_get_[a-z0-9_]+   -   XEN_SYSCTL_psr_alloc
sysctl           sysctl.h           XEN_SYSCTL_LIVEPATCH_[A-Z]+     -   XEN_SYSCTL_livepatch_op
platform_op      platform.h         XENPF_[a-z][a-z_0-9]*
physdev_op       physdev.h          PHYSDEVOP_[a-z][a-z_0-9]*
dm_op            hvm/dm_op.h        XEN_DMOP_[a-z][a-z_]*           XEN_DMOP_no_gfns
argo_op          argo.h             XEN_ARGO_OP_[a-z_]+
kexec_op         kexec.h            KEXEC_CMD_[a-z_0-9]+
xenpmu_op        pmu.h              XENPMU_[a-z][a-z_]*
hypfs_op         hypfs.h            XEN_HYPFS_OP_[a-z_]+
xenoprof_op      xenoprof.h         XENOPROF_[a-z][a-z_]*           XENOPROF_last_op
nmi_op           nmi.h              XENNMI_[a-z_]+
callback_op      callback.h         CALLBACKOP_[a-z]+
LIST
}

# Rows whose numbers guests may still use though the headers name them no more, not yet, or for Xen itself only.
extra="ravelin.shype_state ravelin.shype_ask ravelin.shype_load ravelin.shype_attach ravelin.audit_state ravelin.audit_read ravelin.audit_release ravelin.audit_link platform.get_dom0_console event_channel.reset_cont domctl.soft_reset_cont domctl.shadow_op_enable_translate paging_cont.any hvm.set_pci_intx_level hvm.set_isa_irq_level hvm.set_pci_link_route"

names() { grep -ohE "^[[:space:]]*#[[:space:]]*define[[:space:]]+$2\b" "$headers/$1" | awk '{ print $NF }' | grep -vxE "${3:--}" | sort -u; }

# shellcheck disable=SC2028 # bash's echo leaves \n to C
{
	echo '#include <stdio.h>'
	echo '#include "op_types.h"'
	echo 'int main(void) {'
	while read -r hypercall header pattern without parent; do
		[ "$without" = - ] && without=
		if [ "$header" = - ]; then
			echo "printf(\"%u - - $hypercall\\n\", (unsigned)__HYPERVISOR_$hypercall);"
			continue
		fi
		for n in $(names "$header" "$pattern" "${without:--}"); do
			echo "#ifdef $n"
			if [ -n "${parent:-}" ]; then echo "printf(\"%u %u %u $n\\n\", (unsigned)__HYPERVISOR_$hypercall, (unsigned)$parent, (unsigned)$n);"
			else echo "printf(\"%u %u - $n\\n\", (unsigned)__HYPERVISOR_$hypercall, (unsigned)$n);"; fi
			echo '#endif'
		done
	done < <(families)
	for n in $(names xen.h '__HYPERVISOR_[a-z][a-z_0-9]*' '__HYPERVISOR_(arch_[0-7]|dom0_op)') ; do
		echo "printf(\"%u any - $n\\n\", (unsigned)$n);"
	done
	echo "printf(\"%u any - __HYPERVISOR_mca\\n\", (unsigned)__HYPERVISOR_mca);"
	echo 'return 0; }'
} >"$tmp/numbers.c"
${CC:-gcc} -std=gnu17 -Ihypervisor/include -Ihypervisor/hypercall -D__XEN_TOOLS__ -D__XEN_INTERFACE_VERSION__=0x00041100 \
	-o "$tmp/numbers" "$tmp/numbers.c" || { fail "the headers' numbers do not compile"; echo "0 passed, 1 failed"; exit 1; }
"$tmp/numbers" | sort -u >"$tmp/headers"
"$opgen" rows >"$tmp/rows"

# One line each: ok, or what is wrong.
awk -v extra="$extra" '
	NR == FNR { key = $1 " " $2 " " $3; row[key] = $4; of[$1] = 1; op[$1 " " $2] = 1; if ($3 == "-") whole[$1 " " $2] = 1; next }
	$2 == "any" { named_any[$1] = 1; print (($1 in of) ? "ok" : "no row for hypercall " $4); next }
	{
		used[$1 " " $2 " " $3] = 1
		if ($3 == "-") good = ($1 " " $2) in op
		else { good = ($1 " " $2 " " $3) in row }
		print (good ? "ok" : "no row for " $4)
	}
	END {
		n = split(extra, e, " "); for (i = 1; i <= n; i++) known[e[i]] = 1
		for (k in row) {
			split(k, part, " ")
			named = k in used || (part[2] == "-" && part[1] in named_any)
			if (row[k] in known) print (named ? "the headers do have a name for row " row[k] : "ok")
			else if (named) print "ok"
			else print "no header has a name for row " row[k]
		}
	}' "$tmp/rows" "$tmp/headers" >"$tmp/result"
while read -r line; do
	if [ "$line" = ok ]; then passed=$((passed + 1)); else fail "$line"; fi
done <"$tmp/result"
[ "$(wc -l <"$tmp/headers")" -gt 400 ] || fail "the headers have too few names: the patterns do not fit them"
[ -z "$(cut -d' ' -f1-3 "$tmp/rows" | sort | uniq -d)" ] || fail "two rows have one number"

if "$opgen" reference | diff -q - docs/HYPERCALLS.md >/dev/null; then passed=$((passed + 1))
else fail "docs/HYPERCALLS.md is not what the table says: make docs-hypercalls"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
