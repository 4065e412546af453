/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of permissions, from the hypervisor's own, and what they mean between domains.
 * Locking: constant data. Trust: none.
 */
#include "perms.h"

#include <string.h>

const struct perm_entry perm_entries[] = {
#define CLASS(c)
#define PERM_XEN(c, p)			{ #c, #p, NULL, NULL, ORIGIN_XEN },
#define PERM_FINER(c, p, ac, ap)	{ #c, #p, #ac, #ap, ORIGIN_FINER },
#define PERM_UNCHECKED(c, p)		{ #c, #p, NULL, NULL, ORIGIN_UNCHECKED },
#define PERM_OWN(c, p)			{ #c, #p, NULL, NULL, ORIGIN_OWN },
#include "../../xsm/permissions.def"
};
const size_t perm_entries_count = sizeof(perm_entries) / sizeof(perm_entries[0]);

const struct perm_entry *perm_find(const char *class_name, const char *name)
{
	FOR_EACH_PERM(e)
		if (strcmp(e->class_name, class_name) == 0 && strcmp(e->name, name) == 0)
			return e;
	return NULL;
}

int perm_class_known(const char *class_name)
{
	FOR_EACH_PERM(e)
		if (strcmp(e->class_name, class_name) == 0)
			return 1;
	return 0;
}

/* The first row that fits; perm NULL: any other of the class. */
static const struct {
	const char *class_name, *perm;
	enum means means;
} rows[] = {
	{ "mmu", "map_read", MEANS_MEMORY },
	{ "mmu", "map_write", MEANS_MEMORY },
	{ "mmu", "remote_remap", MEANS_MEMORY },
	{ "mmu", "updatemp", MEANS_MEMORY },
	{ "mmu", "pinpage", MEANS_MEMORY },
	{ "mmu", "exchange", MEANS_MEMORY },
	{ "mmu", "target_hack", MEANS_MEMORY },
	{ "mmu", "stat", MEANS_OBSERVE },
	{ "mmu", "pageinfo", MEANS_OBSERVE },
	{ "mmu", "host_stat", MEANS_MACHINE },
	{ "mmu", NULL, MEANS_CONTROL },
	{ "domain", "getvcpucontext", MEANS_MEMORY },
	{ "domain", "setvcpucontext", MEANS_MEMORY },
	{ "domain", "setdebugging", MEANS_MEMORY },
	{ "domain", "getdomaininfo", MEANS_OBSERVE },
	{ "domain", "getvcpuinfo", MEANS_OBSERVE },
	{ "domain", "getaffinity", MEANS_OBSERVE },
	{ "domain", "getscheduler", MEANS_OBSERVE },
	{ "domain", "getpodtarget", MEANS_OBSERVE },
	{ "domain", "getpagingmempool", MEANS_OBSERVE },
	{ "domain", "getaddrsize", MEANS_OBSERVE },
	{ "domain", NULL, MEANS_CONTROL },
	{ "domain2", "resource_map", MEANS_MEMORY },
	{ "domain2", "mem_access", MEANS_MEMORY },
	{ "domain2", "mem_sharing", MEANS_MEMORY },
	{ "domain2", "mem_paging", MEANS_MEMORY },
	{ "domain2", "vm_event", MEANS_MEMORY },
	{ "domain2", "gettsc", MEANS_OBSERVE },
	{ "domain2", "get_vnumainfo", MEANS_OBSERVE },
	{ "domain2", "get_cpu_policy", MEANS_OBSERVE },
	{ "domain2", NULL, MEANS_CONTROL },
	{ "domain_build", NULL, MEANS_CONTROL },
	{ "hvm", "sethvmc", MEANS_MEMORY },
	{ "hvm", "gethvmc", MEANS_MEMORY },
	{ "hvm", "share_mem", MEANS_MEMORY },
	{ "hvm", "mem_sharing", MEANS_MEMORY },
	{ "hvm", "getparam", MEANS_OBSERVE },
	{ "hvm", NULL, MEANS_CONTROL },
	{ "hvm2", NULL, MEANS_CONTROL },
	{ "shadow", NULL, MEANS_CONTROL },
	{ "sched", NULL, MEANS_CONTROL },
	{ "vcpu", NULL, MEANS_CONTROL },
	{ "grant", "query", MEANS_OBSERVE },
	{ "grant", "setup", MEANS_CONTROL },
	{ "grant", NULL, MEANS_GRANT },
	{ "grant2", NULL, MEANS_CONTROL },
	{ "event", "status", MEANS_OBSERVE },
	{ "event", "reset", MEANS_CONTROL },
	{ "event", NULL, MEANS_EVENT },
	{ "event2", NULL, MEANS_CONTROL },
	{ "argo", NULL, MEANS_MESSAGE },
	{ "resource", NULL, MEANS_DEVICE },
	{ "security", NULL, MEANS_POLICY },
	{ "shype", NULL, MEANS_POLICY },
	{ "audit", NULL, MEANS_POLICY },
	{ "xen", NULL, MEANS_MACHINE },
	{ "xen2", NULL, MEANS_MACHINE },
};

enum means means_of(const char *class_name, const char *perm)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].class_name, class_name) == 0 &&
		    (!rows[i].perm || strcmp(rows[i].perm, perm) == 0))
			return rows[i].means;
	return MEANS_NONE;
}

static const struct {
	const char *name, *text;
} names[MEANS_COUNT + 1] = {
	[MEANS_POLICY] = { "policy", "changes or reads the policy and the audit log" },
	[MEANS_MACHINE] = { "machine", "manages the machine" },
	[MEANS_MEMORY] = { "memory",
			   "reads or writes its memory or registers without being asked" },
	[MEANS_CONTROL] = { "control", "creates, configures, stops or destroys it" },
	[MEANS_DEVICE] = { "device", "uses or assigns hardware" },
	[MEANS_GRANT] = { "grant", "maps or copies pages that it grants" },
	[MEANS_EVENT] = { "event", "sends it events" },
	[MEANS_MESSAGE] = { "message", "sends it messages (argo)" },
	[MEANS_OBSERVE] = { "observe", "sees its state, not its contents" },
	[MEANS_NONE] = { "none", "reaches no other domain by this" },
};

const char *means_name(enum means m)
{
	return names[m].name;
}

const char *means_text(enum means m)
{
	return names[m].text;
}
