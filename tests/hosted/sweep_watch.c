/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an observed call reads from the caller's memory, and what it writes there: nothing may be fetched twice in one pass (it may have changed in
 * between), nothing may be written that was never set (the stack holds a pattern before the call; another pattern must not show).
 * And memory that runs out, at the n-th time that such a call asks for some.
 * Locking: none. Trust: tests only.
 */
#include "sweep.h"

#include <hv/guestmem.h>
#include <hv/mm.h>

#define RANGES_MAX	512u
#define STACK_BYTES	16384u

static struct {
	bool on;
	bool twice, argument;		/* the argument's place was written to */
	uint64_t written;		/* of all bytes, in order */
	unsigned int nr;
	struct {
		uint64_t pass;
		gva_t at;
		size_t len;
	} fetched[RANGES_MAX];
} watch;

int __real_guest_copy_in(struct vcpu *v, void *dst, gva_t src, size_t len);
int __wrap_guest_copy_in(struct vcpu *v, void *dst, gva_t src, size_t len);
int __real_guest_copy_out(struct vcpu *v, gva_t dst, const void *src, size_t len);
int __wrap_guest_copy_out(struct vcpu *v, gva_t dst, const void *src, size_t len);
int __real_guest_array_fetch(struct guest_array *a, void *elem);
int __wrap_guest_array_fetch(struct guest_array *a, void *elem);
int __real_guest_array_store(struct guest_array *a, uint64_t index, const void *elem);
int __wrap_guest_array_store(struct guest_array *a, uint64_t index, const void *elem);

static void fetched(gva_t at, size_t len)
{
	uint64_t pass = atomic_load(&cpus[edge_cpu_id()].pass_seq);

	if (!watch.on || len == 0)
		return;
	for (unsigned int i = 0; i < watch.nr; i++)
		watch.twice |= watch.fetched[i].pass == pass && watch.fetched[i].at < at + len && at < watch.fetched[i].at + watch.fetched[i].len;
	if (watch.nr == RANGES_MAX)
		return;
	watch.fetched[watch.nr].pass = pass;
	watch.fetched[watch.nr].at = at;
	watch.fetched[watch.nr++].len = len;
}

static void written(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	for (size_t i = 0; watch.on && i < len; i++)
		watch.written = (watch.written ^ b[i]) * 0x100000001b3u;
}

int __wrap_guest_copy_in(struct vcpu *v, void *dst, gva_t src, size_t len)
{
	fetched(src, len);
	return __real_guest_copy_in(v, dst, src, len);
}

int __wrap_guest_copy_out(struct vcpu *v, gva_t dst, const void *src, size_t len)
{
	watch.argument |= dst == ARG_GPA && len;
	written(src, len);
	return __real_guest_copy_out(v, dst, src, len);
}

int __wrap_guest_array_fetch(struct guest_array *a, void *elem)
{
	fetched(a->base + a->pos * a->size, a->size);
	return __real_guest_array_fetch(a, elem);
}

int __wrap_guest_array_store(struct guest_array *a, uint64_t index, const void *elem)
{
	written(elem, a->size);
	return __real_guest_array_store(a, index, elem);
}

/* Left behind below the caller's frame, where the call's variables will be. */
static void __attribute__((noinline, no_sanitize("address"))) stack_fill(uint8_t pattern)
{
	volatile uint8_t bytes[STACK_BYTES];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = pattern;
}

void sweep_watch_begin(uint8_t pattern)
{
	watch.nr = 0;
	watch.twice = watch.argument = false;
	watch.written = 0xcbf29ce484222325u;
	stack_fill(pattern);
	watch.on = true;
}

uint64_t sweep_watch_end(bool *twice, bool *argument)
{
	watch.on = false;
	*twice = watch.twice;
	*argument = watch.argument;
	return watch.written;
}

/* The operations that give their argument back, by Xen's public headers; the others must leave the caller's memory alone. */
static const char *const gives_back[] = {
	"memory.memory_map", "memory.set_pod_target", "memory.get_pod_target", "memory.acquire_resource",
	"grant_table.setup_table", "grant_table.query_size", "grant_table.set_version", "grant_table.get_version",
	"vcpu.get_runstate_info",
	"xsm.context_to_sid", "xsm.sid_to_context", "xsm.access", "xsm.create", "xsm.relabel", "xsm.member", "xsm.getbool", "xsm.setbool",
	"xsm.avc_hashstats", "xsm.avc_cachestats",
	"ravelin.audit_state", "ravelin.audit_read", "ravelin.shype_state", "ravelin.shype_ask", "ravelin.shype_load", "ravelin.shype_attach",
	"event_channel.bind_interdomain", "event_channel.bind_virq", "event_channel.status", "event_channel.alloc_unbound", "event_channel.bind_ipi",
	"event_channel.init_control",
	"hvm.get_param",
	"domctl.createdomain", "domctl.getdomaininfo", "domctl.setvcpuaffinity", "domctl.getvcpuaffinity", "domctl.getvcpuinfo", "domctl.shadow_op_off",
	"domctl.shadow_op_get_allocation", "domctl.shadow_op_set_allocation", "domctl.scheduler_op_putinfo", "domctl.scheduler_op_getinfo",
	"domctl.gethvmcontext", "domctl.gethvmcontext_partial", "domctl.gettscinfo", "domctl.getnodeaffinity",
	"domctl.get_cpu_policy", "domctl.set_cpu_policy", "domctl.get_paging_mempool_size",
	"sysctl.readconsole", "sysctl.physinfo", "sysctl.sched_id", "sysctl.getdomaininfolist", "sysctl.getcpuinfo", "sysctl.availheap", "sysctl.cputopoinfo",
	"sysctl.numainfo", "sysctl.cpupool_op_info", "sysctl.cpupool_op_freeinfo", "sysctl.scheduler_op_getinfo", "sysctl.psr_cmt_op_enabled",
	"sysctl.get_cpu_levelling_caps", "sysctl.get_cpu_featureset", "sysctl.get_cpu_policy",
	"platform.get_cpuinfo",
};

bool sweep_gives_back(const char *row)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(gives_back); i++)
		if (strcmp(gives_back[i], row) == 0)
			return true;
	return false;
}

/* --- memory ------------------------------------------------------------------------------------------------------------------------------------------ */

static unsigned int refuse_in;		/* allocations until one is refused; 0: none */
static bool refused;

void *__real_heap_alloc(struct domain *payer, size_t size);
void *__wrap_heap_alloc(struct domain *payer, size_t size);
void *__real_heap_alloc_pages(struct domain *payer, unsigned int order);
void *__wrap_heap_alloc_pages(struct domain *payer, unsigned int order);
void *__real_shared_page_alloc(struct domain *owner);
void *__wrap_shared_page_alloc(struct domain *owner);
int __real_guest_frames_alloc(struct domain *d, unsigned int order, mfn_t *first);
int __wrap_guest_frames_alloc(struct domain *d, unsigned int order, mfn_t *first);

void sweep_refuse_memory(unsigned int n)
{
	refuse_in = n;
	refused = false;
}

bool sweep_was_refused(void)
{
	refuse_in = 0;
	return refused;
}

static bool refuses(void)
{
	if (!watch.on || !refuse_in || --refuse_in)
		return false;
	refused = true;
	return true;
}

void *__wrap_heap_alloc(struct domain *payer, size_t size)
{
	return refuses() ? NULL : __real_heap_alloc(payer, size);
}

void *__wrap_heap_alloc_pages(struct domain *payer, unsigned int order)
{
	return refuses() ? NULL : __real_heap_alloc_pages(payer, order);
}

void *__wrap_shared_page_alloc(struct domain *owner)
{
	return refuses() ? NULL : __real_shared_page_alloc(owner);
}

int __wrap_guest_frames_alloc(struct domain *d, unsigned int order, mfn_t *first)
{
	return refuses() ? -XEN_ENOMEM : __real_guest_frames_alloc(d, order, first);
}
