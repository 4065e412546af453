/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: makes calls from their shapes: all fields at their base, each field at each value of its set, all fields at random.
 * Locking: one vCPU. Trust: a guest.
 */
#include "diff.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>

#define MAX_VALUES	34u
#define ARENA_PAGES	3u		/* the structure; the buffer; frame numbers */
#define SPARE_PAGES	16u		/* for answers that are longer than the buffer */
#define STRUCTURE	0x200u		/* offset in the first page: what lies around it must stay */
#define ROOM_GFN	0x8000u		/* 128 MiB */
#define ROOM_EXTENTS	20u
#define WORDS_SAID	7u
#define UNMAPPED	0x7f0000000000ull
#define NOT_CANONICAL	0x8000000000000000ull
#define UPPER_HALF	0xffff800000000000ull

struct value {
	const char *text;
	uint64_t value;
};

struct child diff_child;
uint8_t diff_sacrifice[DIFF_SACRIFICE * PAGE_SIZE] __attribute__((aligned(4096)));
uint64_t diff_scratch;

static uint8_t arena[(ARENA_PAGES + SPARE_PAGES) * PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t before[ARENA_PAGES * PAGE_SIZE];
static uint64_t hole_gfn(unsigned int i);
static uint8_t cut[2 * PAGE_SIZE] __attribute__((aligned(4096)));	/* nothing is behind the first page */
static uint64_t state;
static uint32_t sid;
static bool each_alone;		/* not calls of a sequence, which goes on from what the last one did */

#define HEX(x) { #x, x }

static const struct value values[DIFF_SETS][MAX_VALUES] = {
	[SET_DOM] = { { "self", DOMID_SELF }, { "0", 0 }, { "child", BASE_CHILD }, { "77", 77 }, { "io", DOMID_IO }, { "xen", DOMID_XEN },
		      { "invalid", DOMID_INVALID }, { "ffff", 0xffff } },
	[SET_OTHER_DOM] = { { "child", BASE_CHILD }, { "77", 77 }, { "xen", DOMID_XEN }, { "invalid", DOMID_INVALID }, { "7fff", 0x7fff } },
	[SET_PORT] = { HEX(0), HEX(1), HEX(2), HEX(3), HEX(63), HEX(127), HEX(1022), HEX(1023), HEX(1024), HEX(4095), HEX(4096), HEX(131071), HEX(131072),
		       HEX(0x7fffffff), HEX(0x80000000), HEX(0xffffffff) },
	[SET_VCPU] = { HEX(0), HEX(1), HEX(2), HEX(7), HEX(8), HEX(31), HEX(32), HEX(63), HEX(64), HEX(127), HEX(128), HEX(8191), HEX(8192), HEX(0x7fffffff),
		       HEX(0xffffffff) },
	[SET_GFN] = { { "own", BASE_SACRIFICE }, { "hole", BASE_SCRATCH_GFN }, HEX(0x50000), HEX(0x10000000), HEX(0x1000000000), HEX(0x10000000000),
		      HEX(0xfffffffffffff), HEX(0xffffffffffffffff) },
	[SET_NUMBER] = { HEX(0), HEX(1), HEX(2), HEX(4), HEX(8), HEX(9), HEX(16), HEX(31), HEX(32), HEX(64), HEX(255), HEX(256), HEX(65535), HEX(0x7fffffff),
			 HEX(0x80000000), HEX(0xffffffff) },
	[SET_SMALL] = { HEX(0), HEX(1), HEX(2), HEX(3), HEX(4), HEX(5), HEX(6), HEX(7), HEX(8), HEX(255) },
	[SET_ORDER] = { HEX(0), HEX(1), HEX(9), HEX(10), HEX(18), HEX(20), HEX(31), HEX(32), HEX(63), HEX(0xffffffff) },
	[SET_POINTER] = { { "buffer", BASE_BUFFER }, { "unmapped", UNMAPPED }, { "notcanonical", NOT_CANONICAL }, { "upper", UPPER_HALF },
			  { "hole", BASE_NOTHING } },
	[SET_BIT] = { HEX(0), HEX(0x1), HEX(0x2), HEX(0x4), HEX(0x8), HEX(0x10), HEX(0x20), HEX(0x40), HEX(0x80), HEX(0x100), HEX(0x200), HEX(0x400),
		      HEX(0x800), HEX(0x1000), HEX(0x2000), HEX(0x4000), HEX(0x8000), HEX(0x10000), HEX(0x100000), HEX(0x1000000), HEX(0x10000000),
		      HEX(0x80000000) },
	[SET_LONG] = { HEX(0), HEX(1), HEX(0xffffffff), HEX(0x100000000), HEX(0x7fffffffffffffff), HEX(0x8000000000000000), HEX(0xffffffffffffffff) },
	[SET_ADDRESS] = { { "hole", BASE_SCRATCH }, { "hole+1", BASE_SCRATCH + 0x100 }, HEX(0x50000000), HEX(0x1000000000000), HEX(0xfffffffffffff000),
			  HEX(0xffffffffffffffff) },
	[SET_BITS] = { HEX(0), HEX(1), HEX(2), HEX(4), HEX(8), HEX(9), HEX(16), HEX(31), HEX(32), HEX(64), HEX(255), HEX(256), HEX(32767) },
	[SET_TIME] = { HEX(1), HEX(0x1000), HEX(0x7fffffffffffffff), HEX(0x8000000000000000), HEX(0xffffffffffffffff) },
};

uint64_t diff_random(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 16) % below;
}

static uint64_t resolve(uint64_t v)
{
	switch (v) {
	case BASE_CHILD: return diff_child.id;
	case BASE_BUFFER: return (uint64_t)arena + PAGE_SIZE;
	case BASE_LIST: return (uint64_t)arena + 2 * PAGE_SIZE;
	case BASE_SACRIFICE: return gfn_of(diff_sacrifice) + 40;	/* the sequences use others */
	case BASE_SCRATCH: return diff_scratch;
	case BASE_NOTHING: return diff_scratch + 63 * PAGE_SIZE;
	case BASE_SCRATCH + 0x100: return diff_scratch + 1;
	case BASE_SID: return sid;
	case BASE_SCRATCH_GFN: return diff_scratch >> PAGE_SHIFT;
	default: return v;
	}
}

static unsigned int values_of(unsigned int set)
{
	unsigned int n = 0;

	while (n < MAX_VALUES && values[set][n].text)
		n++;
	return n;
}

/* Where there is nothing, above all memory of both machines: each frame has 1024 more behind it. */
static uint64_t hole_gfn(unsigned int i)
{
	return 0x400000 + i * 1024;
}

static void arena_fill(void)
{
	uint64_t *list = (uint64_t *)(arena + 2 * PAGE_SIZE);

	memset(arena, DIFF_FILL, 2 * PAGE_SIZE);
	for (unsigned int i = 0; i < PAGE_SIZE / 8; i++)
		list[i] = hole_gfn(i);
}

void *diff_structure(size_t size)
{
	arena_fill();
	memset(arena + STRUCTURE, 0, size);
	return arena + STRUCTURE;
}

/* What was written: the first words as place and value, all of them in a sum. */
static void changes_say(char *line, size_t room, enum diff_look look)
{
	const uint32_t *now = (const uint32_t *)arena, *old = (const uint32_t *)before;
	uint32_t sum = 0;
	unsigned int n = 0;
	size_t len = 0;

	line[0] = '\0';
	for (unsigned int i = 0; look != LOOK_NOT && i < sizeof(before) / 4; i++) {
		uint32_t value = look == LOOK_BYTES ? now[i] : 0;

		if (now[i] == old[i])
			continue;
		sum = (sum ^ (i * 0x9e3779b1u) ^ value) * 0x01000193u;
		if (n++ < WORDS_SAID)
			len += (size_t)hv_snprintf(line + len, room - len, look == LOOK_BYTES ? " %x=%x" : " %x", i * 4, value);
	}
	if (n)
		(void)hv_snprintf(line + len, room - len, " #%u/%x", n, sum);
}

static void grant_settle(struct gnttab_map_grant_ref *m)
{
	if (m->status != GNTST_okay)
		return;
	diff_unmap(m->host_addr, m->handle);
	m->handle = 0;
	m->dev_bus_addr = 0;
}

static void domain_settle(struct xen_domctl *d)
{
	struct child made = { .id = d->domain };

	if (made.id != diff_child.id)
		(void)child_kill(&made);
}

/*
 * What was put somewhere goes again, so that each call finds the same: Xen ends a domain that maps over a mapping, and puts new memory where there is some.
 * What names a mapping is not looked at.
 */
static void settle(uint64_t nr, uint64_t sub, void *at, const void *was, long rc)
{
	struct xen_memory_reservation r = *(const struct xen_memory_reservation *)was;

	if (nr == __HYPERVISOR_domctl && *(const uint32_t *)was == XEN_DOMCTL_createdomain && rc == 0)
		domain_settle(at);
	if (nr == __HYPERVISOR_grant_table_op && sub == GNTTABOP_map_grant_ref && rc == 0)
		grant_settle(at);
	if (nr != __HYPERVISOR_memory_op)
		return;
	if (sub == XENMEM_acquire_resource || sub == XENMEM_add_to_physmap_batch)
		for (unsigned int i = 0; i < 16; i++)
			child_unmap(hole_gfn(i) << PAGE_SHIFT);
	if (sub == XENMEM_add_to_physmap && rc == 0)
		child_unmap(((const struct xen_add_to_physmap *)was)->gpfn << PAGE_SHIFT);
	if (sub == XENMEM_populate_physmap && rc > 0) {
		r.nr_extents = (xen_ulong_t)rc;
		(void)hypercall2(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &r);
	}
}

int diff_unmap(uint64_t at, uint32_t handle)
{
	struct gnttab_unmap_grant_ref u = { .host_addr = at, .handle = handle };

	(void)hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
	return u.status;
}

static bool is_structure(uint64_t at)
{
	return at == (uint64_t)arena + STRUCTURE;
}

long diff_call(const char *what, enum diff_look look, uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	char line[160];
	long rc;

	memcpy(before, arena, sizeof(before));
	rc = hypercall(nr, a, b, c, d, 0);
	if (each_alone && is_structure(a))
		settle(nr, 0, (void *)a, before + STRUCTURE, rc);
	else if (each_alone && is_structure(b))
		settle(nr, a, (void *)b, before + STRUCTURE, rc);
	changes_say(line, sizeof(line), look);
	say("D %s = %ld%s", what, rc, line);
	return rc;
}

static void field_set(uint8_t *structure, const struct diff_field *f, uint64_t v)
{
	v = resolve(v);
	memcpy(structure + f->offset, &v, f->size);
}

static long shape_call(const struct diff_shape *s, const char *what, uint8_t *at)
{
	uint64_t r[5] = { 0 };

	switch ((enum diff_kind)s->kind) {
	case BY_REGISTERS:
		memcpy(r, at, sizeof(r));
		memset(at, 0, sizeof(r));
		return diff_call(what, (enum diff_look)s->look, s->nr, r[0], r[1], r[2], r[3]);
	case SUB_AND_POINTER:
		return diff_call(what, (enum diff_look)s->look, s->nr, s->sub, (uint64_t)at, 0, 0);
	case SUB_POINTER_COUNT:
		return diff_call(what, (enum diff_look)s->look, s->nr, s->sub, (uint64_t)at, 1, 0);
	case SUB_VCPU_POINTER:
		memcpy(r, at + s->size - 8, 8);
		return diff_call(what, (enum diff_look)s->look, s->nr, s->sub, r[0], (uint64_t)at, 0);
	case POINTER_ALONE:
		return diff_call(what, (enum diff_look)s->look, s->nr, (uint64_t)at, 0, 0, 0);
	}
	return 0;
}

/* The same ports before each call: 1 and 2 are a pair, 3 for interrupts of vCPU 0, 4 a VIRQ, 5 waits for the child. */
static void ports_open(void)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	struct evtchn_alloc_unbound loop = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF }, child = { .dom = DOMID_SELF, .remote_dom = diff_child.id };
	struct evtchn_bind_interdomain peer = { .remote_dom = DOMID_SELF, .remote_port = 1 };
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };
	struct evtchn_bind_virq virq = { .virq = VIRQ_DEBUG };

	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_reset, &reset);
	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &loop);
	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &peer);
	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &ipi);
	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &virq);
	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &child);
}

static uint8_t *shape_base(const struct diff_shape *s)
{
	uint8_t *at = diff_structure(s->size);

	if (s->kind == POINTER_ALONE) {
		memcpy(at, &s->sub, 4);
		memcpy(at + 4, &s->version, 4);
	}
	for (unsigned int i = 0; i < DIFF_FIELDS && s->field[i].name; i++)
		field_set(at, &s->field[i], s->field[i].base);
	if (s->nr == __HYPERVISOR_event_channel_op)
		ports_open();
	return at;
}

static void each_field(const struct diff_shape *s)
{
	char what[96];

	for (unsigned int i = 0; i < DIFF_FIELDS && s->field[i].name; i++) {
		const struct diff_field *f = &s->field[i];
		unsigned int n = values_of(f->set);

		for (unsigned int k = 0; k < n; k++) {
			uint8_t *at = shape_base(s);

			field_set(at, f, values[f->set][k].value);
			(void)hv_snprintf(what, sizeof(what), "%s %s=%s", s->name, f->name, values[f->set][k].text);
			(void)shape_call(s, what, at);
		}
	}
}

static void all_fields(const struct diff_shape *s)
{
	char what[128];
	uint8_t *at = shape_base(s);
	size_t len = (size_t)hv_snprintf(what, sizeof(what), "%s", s->name);

	for (unsigned int i = 0; i < DIFF_FIELDS && s->field[i].name; i++) {
		const struct diff_field *f = &s->field[i];
		unsigned int n = values_of(f->set), k;

		if (!n || diff_random(3) == 0)
			continue;
		k = (unsigned int)diff_random(n);
		field_set(at, f, values[f->set][k].value);
		if (len < sizeof(what) - 1)
			len += (size_t)hv_snprintf(what + len, sizeof(what) - len, " %s=%s", f->name, values[f->set][k].text);
	}
	(void)shape_call(s, what, at);
}

/* The structure itself where it cannot be read, or only its head. */
static void bad_pointers(const struct diff_shape *s)
{
	char what[96];
	unsigned int n = values_of(SET_POINTER);

	for (unsigned int k = 1; k <= n; k++) {
		uint64_t to = k < n ? resolve(values[SET_POINTER][k].value) : (uint64_t)cut + PAGE_SIZE - 4;
		bool sub_first = s->kind != POINTER_ALONE;

		memset(cut, 0, PAGE_SIZE);
		(void)hv_snprintf(what, sizeof(what), "%s *%s", s->name, k < n ? values[SET_POINTER][k].text : "cut");
		(void)diff_call(what, LOOK_NOT, s->nr, sub_first ? s->sub : to, s->kind == SUB_VCPU_POINTER ? 0 : to, s->kind == SUB_VCPU_POINTER ? to : 1, 0);
	}
}

void diff_run(const struct diff_shape *s)
{
	each_alone = true;
	(void)shape_call(s, s->name, shape_base(s));
	each_field(s);
	for (unsigned int i = 0; i < s->randoms; i++)
		all_fields(s);
	if (s->kind != BY_REGISTERS)
		bad_pointers(s);
}

/* Some of our memory is given away: one of the two lets domain 0 have no more than it was given. */
static int room_make(void)
{
	xen_pfn_t gfn[ROOM_EXTENTS];
	struct xen_memory_reservation r = { .nr_extents = ROOM_EXTENTS, .extent_order = 9, .domid = DOMID_SELF };

	for (unsigned int i = 0; i < ROOM_EXTENTS; i++)
		gfn[i] = ROOM_GFN + i * 512;
	set_xen_guest_handle(r.extent_start, gfn);
	CHECK_EQ(hypercall2(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &r), ROOM_EXTENTS);
	return 0;
}

int diff_init(void)
{
	xen_pfn_t gfn = gfn_of(cut) + 1;
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, &gfn);
	CHECK_EQ(hypercall2(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &r), 1);
	CHECK_OK(room_make());
	state = 0x9e3779b97f4a7c15ull ^ argument("seed", 1);
	diff_scratch = scratch_gpa(64);
	if (label_to_sid(CHILD_LABEL, &sid) == -XEN_ENOSYS)
		sid = SECINITSID_DOMU;
	return 0;
}
