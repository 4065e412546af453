/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole hosted machine for tests: brings the real core up over the fake edge, makes domains, issues their hypercalls.
 * Locking: none. Trust: tests only.
 */
#include "hosted.h"
#include "invariants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hv/audit.h>
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/flask.h>
#include <hv/guestmem.h>
#include <hv/hypercall.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <hv/p2m.h>

#include "../../hypervisor/core/sched_private.h"

unsigned int hosted_maptrack_frames = 64;
unsigned int hosted_cpus = 2;

#define MEMORY_MIB 96u
#define DOMAINS_MAX 512u
#define HEAP_PAGES (32u << (20 - PAGE_SHIFT))
#define TABLE_PAGES (((HOSTED_BASE_MFN + MEMORY_PAGES) * FRAME_BYTES + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define MEMORY_PAGES ((size_t)MEMORY_MIB << (20 - PAGE_SHIFT))
#ifdef MUTATE
#define MAX_CONTINUATIONS 200000u	/* a mutant may never end */
#define PATIENCE MAX_CONTINUATIONS
#else
#define MAX_CONTINUATIONS 1000000u
#define PATIENCE 20000u
#endif

#define must(expr) do { if (!(expr)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #expr); abort(); } } while (0)

static void *file_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	void *buf;
	long size;

	if (!f) {
		perror(path);
		abort();
	}
	must(fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) > 0 && fseek(f, 0, SEEK_SET) == 0);
	*len = (size_t)size;
	buf = malloc(*len);
	must(buf && fread(buf, 1, *len, f) == *len);
	fclose(f);
	return buf;
}

static bool machine_is_there;

static void vcpus_leave(const struct domain *d)
{
	for (unsigned int i = 0; i < cpu_count; i++)
		if (cpus[i].current && (!d || cpus[i].current->domain == d)) {
			cpus[i].current->running = false;
			cpus[i].current = NULL;
		}
}

static void destroy(struct domain *d)
{
	unsigned int rounds = 0;

	while (domain_destroy(d) == -XEN_ERESTART)
		must(++rounds < MAX_CONTINUATIONS);
}

#ifndef MUTATE
/* Each can be destroyed, with whatever the test has left it in, and nothing is missing then. */
static void domains_leave(void)
{
	struct domain *left[DOMAINS_MAX], *d;
	bool tests[DOMAINS_MAX];
	unsigned int n = 0;

	for (domid_t id = 0; (d = domain_lookup_next_raw(id)) != NULL; id = (domid_t)(d->id + 1)) {
		must(n < DOMAINS_MAX);
		domain_put(d);
		tests[n] = invariants_test_refers(d);
		d->is_control = false;
		left[n++] = d;
	}
	for (unsigned int i = 0; i < n; i++)
		must(domain_get(left[i]));
	for (unsigned int i = 0; i < n; i++)
		destroy(left[i]);
	for (unsigned int i = 0; i < n; i++) {
		if (tests[i])
			domain_put(left[i]);
		domain_put(left[i]);
	}
	domain_reap();
	must(domain_count == 0 && domain_lookup_next_raw(0) == NULL);
	must(guest_pages_free() == guest_pages_total() && guest_pages_claimed() == 0);
}

/* What a test leaves behind is in order, whatever the test was about: else it, or the product, has lost something on the way. */
static void machine_leave(void)
{
	if (!machine_is_there)
		return;
	machine_is_there = false;
	vcpus_leave(NULL);
	invariants_check("when a test has ended");
	hosted_console_clear();
	domains_leave();
	must(!strstr(hosted_console(), "still charged"));
}
#else
static void machine_leave(void)
{
}
#endif

void hosted_machine_unchecked(void)
{
	machine_is_there = false;
}

void hosted_machine_init_policy(const char *policy_path)
{
	const mfn_t heap = HOSTED_BASE_MFN + TABLE_PAGES;
	size_t len;
	void *policy = file_read(policy_path, &len);
	static bool once;

	if (!once)
		must(atexit(machine_leave) == 0);
	once = true;
	machine_leave();
	hosted_edge_init(MEMORY_MIB);
	cpu_count = hosted_cpus;
	memset(cpus, 0, sizeof(cpus));
	core_init();
	for (unsigned int i = 0; i < cpu_count; i++)
		cpus[i].online = true;
	mm_init(hosted_mfn_va(HOSTED_BASE_MFN), HOSTED_BASE_MFN + MEMORY_PAGES, hosted_mfn_va(heap), heap, HEAP_PAGES - TABLE_PAGES);
	mm_add_guest_range(HOSTED_BASE_MFN + HEAP_PAGES, MEMORY_PAGES - HEAP_PAGES);
	console_init(PAGE_SIZE);
	must(xsm_init(policy, len) == 0);
	must(audit_init() == 0);
	free(policy);
	machine_is_there = true;
}

void hosted_machine_init(void)
{
	const char *path = getenv("HOSTED_POLICY");

	hosted_machine_init_policy(path ? path : "build/policy");
}

static void add_ram(struct domain *d, unsigned int pages)
{
	spin_lock(&d->lock);
	d->max_pages = pages + 256;
	spin_unlock(&d->lock);
	for (gfn_t gfn = 0; gfn < pages; gfn++) {
		mfn_t mfn;

		must(guest_frames_alloc(d, 0, &mfn) == 0);
		must(p2m_set(d, gfn, mfn, P2M_RAM, 0) == 0);
	}
}

void hosted_pass_toggle(void)
{
	atomic_fetch_add(&this_cpu()->pass_seq, 1);
}

struct domain *hosted_domain(domid_t id, const char *label, unsigned int pages, unsigned int vcpus)
{
	const char *context = label ? label : "system_u:system_r:guest_t:s0";
	struct domain_config c = { .id = id, .max_vcpus = vcpus, .max_evtchn_port = 1023, .max_grant_frames = 64,
				   .max_maptrack_frames = hosted_maptrack_frames, .emulation_flags = 1, .flags = 3, .is_control = id == 0 };
	struct domain *d;

	hosted_pass_toggle();
	must(flask_context_to_sid(context, strlen(context), &c.run_sid) == 0);
	c.build_sid = c.run_sid;
	must(domain_create(&c, &d) == 0);
	hosted_pass_toggle();
	for (unsigned int i = 0; i < vcpus; i++)
		must(d->vcpu[i] || vcpu_create(d, i) == 0);
	add_ram(d, pages);
	spin_lock(&d->lock);	/* others list domains meanwhile (test_threads) */
	d->life = DOMAIN_RUNNING;
	spin_unlock(&d->lock);
	for (unsigned int i = 0; i < vcpus; i++)
		vcpu_up(d->vcpu[i]);
	if (d->controller_pauses) {
		spin_lock(&d->lock);
		d->controller_pauses = 0;
		spin_unlock(&d->lock);
		domain_unpause(d);
	}
	return d;
}

void hosted_domain_kill(struct domain *d)
{
	vcpus_leave(d);
	destroy(d);
	domain_put(d);
	domain_reap();
}

void hosted_write(struct domain *d, gpa_t at, const void *src, size_t len)
{
	must(guest_phys_write(d, at, src, len) == 0);
}

int hosted_try_read(struct domain *d, gpa_t at, void *dst, size_t len)
{
	while (len) {
		size_t room = PAGE_SIZE - at % PAGE_SIZE, n = room < len ? room : len;
		mfn_t mfn = p2m_get_frame(d, at >> PAGE_SHIFT, false, NULL);

		if (mfn == MFN_INVALID)
			return -XEN_EFAULT;
		memcpy(dst, (char *)hosted_mfn_va(mfn) + at % PAGE_SIZE, n);
		frame_put(mfn);
		dst = (char *)dst + n;
		at += n;
		len -= n;
	}
	return 0;
}

uint32_t hosted_write_file(struct domain *d, gpa_t at, const char *path)
{
	size_t len;
	void *bytes = file_read(path, &len);

	hosted_write(d, at, bytes, len);
	free(bytes);
	return (uint32_t)len;
}

void hosted_read(struct domain *d, gpa_t at, void *dst, size_t len)
{
	must(hosted_try_read(d, at, dst, len) == 0);
}

void hosted_run_vcpu(struct vcpu *v)
{
	struct cpu *c = this_cpu();

	if (c->current)
		c->current->running = false;
	c->current = v;
	if (v) {
		struct cpu *q = vcpu_rq_lock(v);

		if (v->queued)		/* as when the scheduler picks it */
			rq_remove(q, v);
		v->cpu = c->id;
		v->running = true;
		spin_unlock(&q->rq.lock);
	}
}

int64_t hosted_hypercall(struct domain *d, uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4)
{
	struct hypercall hc = { .nr = nr, .arg = { a0, a1, a2, a3, a4 }, .privileged = true };
	unsigned int rounds = 0;

	hosted_run_vcpu(d->vcpu[0]);
	do {
		hc.restart = false;
		hypercall_dispatch(d->vcpu[0], &hc);
		must(++rounds < MAX_CONTINUATIONS);
		if (rounds > PATIENCE)		/* whom it waits for may be a thread that this machine does not run just now */
			usleep(50);
		must(hosted_windows() == 0);
	} while (hc.restart);
	lock_order_check_none("a hypercall ends");
	return hc.result;
}
