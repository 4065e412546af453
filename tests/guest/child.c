/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest as control domain: life of a child by domctl and sysctl.
 * Locking: one vCPU. Trust: a guest.
 */
#include "child.h"

#include <xen/hvm/save.h>
#include <xen/xsm/flask_op.h>

#define BATCH		512u
#define LARGE_PAGES	32768u
#define LARGE_ORDER	9u
#define LABEL_MAX	128u
#define DESTROY_MS	20000u
#define CONSOLE_BYTES	4096u

long domctl(struct child *c, struct xen_domctl *d, uint32_t cmd)
{
	d->cmd = cmd;
	d->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	d->domain = c->id;
	return hypercall1(__HYPERVISOR_domctl, d);
}

long sysctl(struct xen_sysctl *s, uint32_t cmd)
{
	s->cmd = cmd;
	s->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return hypercall1(__HYPERVISOR_sysctl, s);
}

long label_to_sid(const char *label, uint32_t *sid)
{
	struct xen_flask_op op = { .cmd = FLASK_CONTEXT_TO_SID, .interface_version = XEN_FLASK_INTERFACE_VERSION };
	char text[LABEL_MAX];
	size_t len = strlen(label);
	long rc;

	memcpy(text, label, len + 1);
	op.u.sid_context.size = (uint32_t)len;
	set_xen_guest_handle(op.u.sid_context.context, text);
	rc = hypercall1(__HYPERVISOR_xsm_op, &op);
	*sid = op.u.sid_context.sid;
	return rc;
}

/* Large ones in 2 MiB pieces, as libxl does. */
static long child_populate(struct child *c)
{
	xen_pfn_t gfn[BATCH];
	struct xen_memory_reservation r = { .domid = c->id, .extent_order = c->pages < LARGE_PAGES ? 0 : LARGE_ORDER };
	uint64_t pieces = c->pages >> r.extent_order;

	for (uint64_t done = 0; done < pieces; done += r.nr_extents) {
		r.nr_extents = pieces - done < BATCH ? pieces - done : BATCH;
		for (uint64_t i = 0; i < r.nr_extents; i++)
			gfn[i] = (done + i) << r.extent_order;
		set_xen_guest_handle(r.extent_start, gfn);
		if (hypercall2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r) != (long)r.nr_extents)
			return -XEN_ENOMEM;
	}
	return 0;
}

static long child_limits(struct child *c)
{
	struct xen_domctl d;
	long rc;

	memset(&d, 0, sizeof(d));
	d.u.max_vcpus.max = c->vcpus;
	rc = domctl(c, &d, XEN_DOMCTL_max_vcpus);
	if (rc)
		return rc;
	memset(&d, 0, sizeof(d));
	d.u.max_mem.max_memkb = (c->pages + 256) * 4;
	return domctl(c, &d, XEN_DOMCTL_max_mem);
}

long child_create(struct child *c, const char *label, uint64_t pages, unsigned int vcpus)
{
	struct xen_domctl d;
	struct xen_domctl_createdomain *create = &d.u.createdomain;
	long rc;

	*c = (struct child){ .id = DOMID_INVALID, .vcpus = vcpus, .pages = pages };
	memset(&d, 0, sizeof(d));
	rc = label_to_sid(label, &create->ssidref);
	if (rc == -XEN_ENOSYS)
		create->ssidref = SECINITSID_DOMU;
	else if (rc)
		return rc;
	create->flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
	create->max_vcpus = vcpus;
	create->max_evtchn_port = 1023;
	create->max_grant_frames = 4;
	create->max_maptrack_frames = 4;
	create->grant_opts = XEN_DOMCTL_GRANT_version(1);
	create->arch.emulation_flags = XEN_X86_EMU_LAPIC;
	rc = domctl(c, &d, XEN_DOMCTL_createdomain);
	if (rc)
		return rc;
	c->id = d.domain;
	rc = child_limits(c);
	rc = rc ? rc : child_populate(c);
	if (rc)
		(void)child_destroy(c);
	return rc;
}

long child_map(struct child *c, uint64_t gfn, uint64_t at)
{
	struct xen_add_to_physmap_batch b = { .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 1, .u.foreign_domid = c->id };
	xen_ulong_t idx = gfn;
	xen_pfn_t gpfn = at >> PAGE_SHIFT;
	int err = 0;
	long rc;

	set_xen_guest_handle(b.idxs, &idx);
	set_xen_guest_handle(b.gpfns, &gpfn);
	set_xen_guest_handle(b.errs, &err);
	rc = hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, &b);
	return rc ? rc : err;
}

void child_unmap(uint64_t at)
{
	struct xen_remove_from_physmap r = { .domid = DOMID_SELF, .gpfn = at >> PAGE_SHIFT };

	(void)hypercall2(__HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r);
}

long child_write(struct child *c, uint64_t gpa, const void *src, uint64_t len)
{
	static uint64_t window[GUEST_CPUS];	/* each vCPU maps at an address of its own */
	unsigned int cpu = cpu_self();
	const uint8_t *from = src;
	uint64_t at;

	if (!window[cpu])
		window[cpu] = scratch_gpa(1);
	at = window[cpu];
	while (len) {
		uint64_t skip = gpa & (PAGE_SIZE - 1), n = len < PAGE_SIZE - skip ? len : PAGE_SIZE - skip;
		long rc = child_map(c, gpa >> PAGE_SHIFT, at);

		if (rc)
			return rc;
		memcpy((void *)(at + skip), from, n);
		child_unmap(at);
		gpa += n;
		from += n;
		len -= n;
	}
	return 0;
}

long child_start(struct child *c)
{
	struct xen_domctl d;

	memset(&d, 0, sizeof(d));
	return domctl(c, &d, XEN_DOMCTL_unpausedomain);
}

long child_info(struct child *c, struct xen_domctl_getdomaininfo *info)
{
	struct xen_domctl d;
	long rc;

	memset(&d, 0, sizeof(d));
	rc = domctl(c, &d, XEN_DOMCTL_getdomaininfo);
	*info = d.u.getdomaininfo;
	return rc || d.u.getdomaininfo.domain != c->id ? -XEN_ESRCH : 0;
}

long child_kill(struct child *c)
{
	struct xen_domctl d;
	long rc;

	memset(&d, 0, sizeof(d));
	do {
		rc = domctl(c, &d, XEN_DOMCTL_destroydomain);
	} while (rc == -XEN_ERESTART);
	return rc;
}

long child_wait_gone(struct child *c)
{
	struct xen_domctl_getdomaininfo info;
	uint64_t end = now_ns() + DESTROY_MS * 1000000ull;

	while (child_info(c, &info) == 0)
		if (now_ns() > end)
			return -XEN_ETIMEDOUT;
	return 0;
}

long child_destroy(struct child *c)
{
	long rc = child_kill(c);

	return rc ? rc : child_wait_gone(c);
}

uint64_t host_free_pages(void)
{
	struct xen_sysctl s;

	memset(&s, 0, sizeof(s));
	return sysctl(&s, XEN_SYSCTL_physinfo) ? 0 : s.u.physinfo.free_pages;
}

static bool text_has(const char *text, const char *word)
{
	for (; *text; text++)
		if (!strncmp(text, word, strlen(word)))
			return true;
	return false;
}

bool console_says(const char *a, const char *b)
{
	static char buf[CONSOLE_BYTES];
	static struct xen_sysctl s;
	static uint32_t index;
	static char line[512];
	static size_t len;
	bool found = false;

	do {
		memset(&s, 0, sizeof(s));
		s.u.readconsole.incremental = 1;
		s.u.readconsole.index = index;
		s.u.readconsole.count = sizeof(buf);
		set_xen_guest_handle(s.u.readconsole.buffer, buf);
		if (sysctl(&s, XEN_SYSCTL_readconsole))
			return false;
		index = s.u.readconsole.index;
		for (uint32_t i = 0; i < s.u.readconsole.count; i++) {
			if (buf[i] != '\n' && len < sizeof(line) - 1) {
				line[len++] = buf[i];
				continue;
			}
			line[len] = '\0';
			len = 0;
			found |= text_has(line, a) && text_has(line, b);
		}
	} while (s.u.readconsole.count);
	return found;
}
