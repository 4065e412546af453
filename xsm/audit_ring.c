/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit ring: text records that stay until the reader has released them, and the budgets that share the room.
 * A domain's records may take as much room as is still free: one that floods gets half of the ring, n of them leave 1/(n+1) of it free for the
 * others, whatever n. An eighth is kept for the hypervisor's own records. docs/adr/0007-audit-ring.md
 * Locking: ring.lock, a leaf; nothing is formatted or hashed under it but the short line that says what was lost.
 * Trust: see audit_ring.h.
 */
#include "audit_ring.h"

#include <hv/console.h>
#include <hv/domain.h>
#include <hv/edge.h>
#include <hv/mm.h>
#include <hv/string.h>

#define SIZE_MIN	65536u
#define RESERVE_SHIFT	3
#define WALK_MAX	256u		/* entries under the lock at once */
#define SAID_MAX	64u		/* domains whose losses are said at once */
#define AVC_ROOM	256u		/* a usual record: without it nothing is formatted */
#define DOOR_ROOM	2048u		/* what one operation, or one element of a list, may need */
#define SOURCES		64u		/* console: rates are kept by domain number modulo this */
#define LINES_PER_SECOND 100u
#define SECOND		1000000000u

struct account {
	_Atomic uint32_t held;		/* bytes in the ring */
	uint32_t lost;			/* records since the last one that said so */
};

static struct {
	struct spinlock lock;
	char *bytes;
	uint32_t size;			/* a power of two; 0: not there yet, nothing is kept */
	_Atomic uint32_t used;
	uint64_t tail, head;		/* positions, counted since boot */
	_Atomic uint64_t first, next;	/* numbers of the records at tail and head */
	uint64_t lost;
	uint64_t seek_seq, seek_at;	/* where the reader was last */
} ring;
static struct account account[AUDIT_ACCOUNTS];
static uint64_t lost_map[(AUDIT_ACCOUNTS + 63) / 64];	/* accounts with lost != 0 */

static struct {
	uint64_t since;
	uint32_t lines, left_out;
} rate[SOURCES];

static unsigned int account_of(domid_t owner)
{
	return owner < AUDIT_ACCOUNTS ? owner : AUDIT_ACCOUNTS - 1;
}

static uint32_t entry_size(uint32_t len)
{
	return (uint32_t)sizeof(struct audit_entry) + ((len + 7) & ~7u);
}

int audit_ring_init(uint32_t bytes)
{
	uint32_t size = SIZE_MIN;
	char *p;

	while (size < bytes)
		size *= 2;
	p = heap_alloc(NULL, size);
	if (!p)
		return -XEN_ENOMEM;
	spin_lock(&ring.lock);
	memset(account, 0, sizeof(account));
	memset(lost_map, 0, sizeof(lost_map));
	ring.bytes = p;
	ring.size = size;
	ring.tail = ring.head = ring.seek_at = ring.lost = 0;
	ring.seek_seq = 1;
	atomic_store(&ring.used, 0);
	atomic_store(&ring.first, 1);
	atomic_store(&ring.next, 1);
	spin_unlock(&ring.lock);
	return 0;
}

/* Free for a domain; what the hypervisor keeps for itself is not. */
static uint32_t room_shared(void)
{
	uint32_t taken = atomic_load_explicit(&ring.used, memory_order_relaxed) + (ring.size >> RESERVE_SHIFT);

	return taken < ring.size ? ring.size - taken : 0;
}

static uint32_t held_by(unsigned int a)
{
	return atomic_load_explicit(&account[a].held, memory_order_relaxed);
}

/* With it, the domain would hold no more than is left. */
static bool room_for(unsigned int a, uint32_t size)
{
	if (a == AUDIT_ACCOUNTS - 1)
		return size <= ring.size - atomic_load_explicit(&ring.used, memory_order_relaxed);
	return held_by(a) + 2 * size <= room_shared();
}

static void bytes_in(uint64_t at, const void *src, uint32_t len)
{
	uint32_t from = (uint32_t)at & (ring.size - 1), n = ring.size - from < len ? ring.size - from : len;

	memcpy(ring.bytes + from, src, n);
	memcpy(ring.bytes, (const char *)src + n, len - n);
}

static void bytes_out(uint64_t at, void *dst, uint32_t len)
{
	uint32_t from = (uint32_t)at & (ring.size - 1), n = ring.size - from < len ? ring.size - from : len;

	memcpy(dst, ring.bytes + from, n);
	memcpy((char *)dst + n, ring.bytes, len - n);
}

/* Locked. */
static bool put(unsigned int a, enum audit_type type, const char *text, uint32_t len)
{
	struct audit_entry e = { .time = edge_now_ns(), .len = len, .owner = (domid_t)a, .type = (uint8_t)type };
	uint32_t size = entry_size(len);

	if (!room_for(a, size))
		return false;
	bytes_in(ring.head, &e, sizeof(e));
	bytes_in(ring.head + sizeof(e), text, len);
	ring.head += size;
	atomic_fetch_add_explicit(&ring.used, size, memory_order_relaxed);
	atomic_fetch_add_explicit(&account[a].held, size, memory_order_relaxed);
	atomic_fetch_add_explicit(&ring.next, 1, memory_order_relaxed);
	return true;
}

/* Locked. */
static void lose(unsigned int a)
{
	lost_map[a / 64] |= (uint64_t)1 << (a % 64);
	account[a].lost += account[a].lost != UINT32_MAX;
	ring.lost++;
}

/* Who cannot wait for room: the control domain, which makes it, and the hypervisor. Guests were stopped at the door. */
static void lost_check(unsigned int a, bool lost)
{
	if (lost && options.audit_full == RAVELIN_AUDIT_PANIC && (a == 0 || a == AUDIT_ACCOUNTS - 1))
		panic("audit: no room for a record, and audit_full=panic");
}

/* Locked. */
static bool rate_allows(domid_t owner, uint32_t *left_out)
{
	unsigned int i = owner % SOURCES;
	uint64_t now = edge_now_ns();

	if (now - rate[i].since >= SECOND) {
		*left_out = rate[i].left_out;
		rate[i].since = now;
		rate[i].lines = rate[i].left_out = 0;
	}
	if (rate[i].lines == LINES_PER_SECOND) {
		rate[i].left_out++;
		return false;
	}
	rate[i].lines++;
	return true;
}

struct audit_place audit_ring_place(domid_t owner)
{
	unsigned int a = account_of(owner);
	struct audit_place p = { 0 };

	spin_lock(&ring.lock);
	p.console = rate_allows(owner, &p.left_out);
	p.ring = ring.size && room_for(a, AVC_ROOM);
	if (ring.size && !p.ring)
		lose(a);
	spin_unlock(&ring.lock);
	lost_check(a, ring.size && !p.ring);
	return p;
}

void audit_ring_put(domid_t owner, enum audit_type type, const char *text, size_t len)
{
	unsigned int a = account_of(owner);
	bool lost = false;

	if (!ring.size)
		return;
	spin_lock(&ring.lock);
	if (!put(a, type, text, (uint32_t)(len < AUDIT_TEXT_MAX ? len : AUDIT_TEXT_MAX))) {
		lose(a);
		lost = true;
	}
	spin_unlock(&ring.lock);
	lost_check(a, lost);
}

bool audit_must_wait(struct vcpu *v)
{
	uint64_t now;

	if (v->domain->is_control || !ring.size || room_for(account_of(v->domain->id), DOOR_ROOM)) {
		v->audit_wait_since = 0;
		return false;
	}
	now = edge_now_ns();
	if (v->audit_wait_since == 0)
		v->audit_wait_since = now;
	return options.audit_full == RAVELIN_AUDIT_PANIC || now - v->audit_wait_since < AUDIT_WAIT_NS;
}

uint64_t audit_ring_first(void)
{
	return atomic_load_explicit(&ring.first, memory_order_relaxed);
}

uint64_t audit_ring_next(void)
{
	return atomic_load_explicit(&ring.next, memory_order_relaxed);
}

/* Locked. */
static int seek(uint64_t seq)
{
	struct audit_entry e;

	if (seq < ring.first)
		return -XEN_ERANGE;
	if (seq >= ring.next)
		return -XEN_ENOENT;
	if (ring.seek_seq > seq || ring.seek_seq < ring.first) {
		ring.seek_seq = ring.first;
		ring.seek_at = ring.tail;
	}
	for (unsigned int i = 0; i < WALK_MAX && ring.seek_seq < seq; i++) {
		bytes_out(ring.seek_at, &e, sizeof(e));
		ring.seek_at += entry_size(e.len);
		ring.seek_seq++;
	}
	return ring.seek_seq == seq ? 0 : -XEN_ERESTART;
}

int audit_ring_copy(uint64_t seq, struct audit_entry *e, char *text)
{
	int rc;

	spin_lock(&ring.lock);
	rc = ring.size ? seek(seq) : -XEN_ENOENT;
	if (rc == 0) {
		bytes_out(ring.seek_at, e, sizeof(*e));
		bytes_out(ring.seek_at + sizeof(*e), text, e->len);
	}
	spin_unlock(&ring.lock);
	return rc;
}

/* Locked. */
static void drop_oldest(void)
{
	struct audit_entry e;
	uint32_t size;

	bytes_out(ring.tail, &e, sizeof(e));
	size = entry_size(e.len);
	ring.tail += size;
	atomic_fetch_sub_explicit(&ring.used, size, memory_order_relaxed);
	atomic_fetch_sub_explicit(&account[e.owner].held, size, memory_order_relaxed);
	atomic_fetch_add_explicit(&ring.first, 1, memory_order_relaxed);
}

/* Locked. False: no room for it yet. */
static bool lost_say(unsigned int a)
{
	char text[64];
	int n = a == AUDIT_ACCOUNTS - 1 ? hv_snprintf(text, sizeof(text), "ravelin: lost=%u", account[a].lost)
					: hv_snprintf(text, sizeof(text), "ravelin: lost=%u domid=%u", account[a].lost, a);

	if (!put(AUDIT_ACCOUNTS - 1, AUDIT_NOTE, text, (uint32_t)n))
		return false;
	account[a].lost = 0;
	lost_map[a / 64] &= ~((uint64_t)1 << (a % 64));
	return true;
}

/* Locked. What does not fit now is said after the next release: there is one, for the ring is not empty. */
static void lost_say_all(void)
{
	unsigned int said = 0;

	for (unsigned int w = 0; w < ARRAY_SIZE(lost_map); w++)
		while (lost_map[w])
			if (said++ == SAID_MAX || !lost_say(w * 64 + (unsigned int)__builtin_ctzll(lost_map[w])))
				return;
}

bool audit_ring_release(uint64_t before)
{
	bool more;

	spin_lock(&ring.lock);
	for (unsigned int i = 0; i < WALK_MAX && ring.first < before && ring.first < ring.next; i++)
		drop_oldest();
	more = ring.first < before && ring.first < ring.next;
	if (!more)
		lost_say_all();
	spin_unlock(&ring.lock);
	return more;
}

void audit_ring_state(struct ravelin_audit_state *s)
{
	unsigned int a = account_of(s->domain);

	spin_lock(&ring.lock);
	s->first = ring.first;
	s->next = ring.next;
	s->lost = ring.lost;
	s->size = ring.size;
	s->used = ring.used;
	s->held = held_by(a);
	s->limit = a == AUDIT_ACCOUNTS - 1 ? ring.size : (s->held + room_shared()) / 2;
	spin_unlock(&ring.lock);
}
