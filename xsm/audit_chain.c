/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader's side of the audit log: records become lines as auditd writes them, and each line goes into the hash chain when it is read for the first
 * time. What never left the hypervisor needs no chain; so nobody who writes a record pays for a hash.
 * Locking: chain.lock, only tried, before the ring's; one reader is at work at a time. Trust: numbers and addresses are the reader's.
 */
#include "audit_ring.h"

#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/edge.h>
#include <hv/flask.h>
#include <hv/guestmem.h>
#include <hv/sha256.h>
#include <hv/string.h>

#define DIGEST		32u
#define HEX		(2 * DIGEST)
#define STAMP_MAX	96u		/* "type=… msg=audit(…): " */
#define MS		1000000u

static struct {
	struct spinlock lock;
	uint8_t boot[16], head[DIGEST];
	_Atomic uint64_t chained;
	bool linked;
	char line[HEX + STAMP_MAX + AUDIT_TEXT_MAX + 1];	/* the head before, the line, its newline */
	char text[AUDIT_TEXT_MAX];
} chain;

static const char *const type_name[] = {
	[AUDIT_AVC] = "AVC", [AUDIT_BOOT] = "SYSTEM_BOOT", [AUDIT_POLICY] = "MAC_POLICY_LOAD", [AUDIT_ENFORCING] = "MAC_STATUS",
	[AUDIT_CONFIG] = "MAC_CONFIG_CHANGE",
	[AUDIT_DOMAIN] = "VIRT_CONTROL", [AUDIT_LABEL] = "VIRT_MACHINE_ID", [AUDIT_REVOKED] = "VIRT_RESOURCE", [AUDIT_NOTE] = "KERNEL",
};

int audit_chain_init(void)
{
	uint64_t random[2] = { edge_random(), edge_random() };
	char boot[2 * sizeof(chain.boot) + 1] = "", policy[HEX + 1] = "";
	uint8_t digest[DIGEST];

	spin_lock_init(&chain.lock);
	memcpy(chain.boot, random, sizeof(chain.boot));
	memset(chain.head, 0, sizeof(chain.head));
	atomic_store(&chain.chained, 0);
	chain.linked = false;
	hex_write(boot, chain.boot, sizeof(chain.boot));
	flask_hash(digest);
	hex_write(policy, digest, sizeof(digest));
	audit_event(&(struct audit_event){ .type = AUDIT_BOOT, .caller = DOMID_INVALID },
		    "ravelin: boot=%s version=" RAVELIN_VERSION " policy=%s fallback=%u enforcing=%d full=%u", boot, policy,
		    flask_fallback_count(), flask_enforcing(), options.audit_full);
	return 0;
}

/* chain.line from HEX on: the record as a line, with its newline. Its length with it. */
static size_t line_make(uint64_t seq, const struct audit_entry *e)
{
	uint64_t ms = edge_boot_wallclock_s() * 1000 + e->time / MS;
	char *line = chain.line + HEX;
	int n = hv_snprintf(line, STAMP_MAX, "type=%s msg=audit(%llu.%03u:%llu): ", type_name[e->type], (unsigned long long)(ms / 1000),
			    (unsigned int)(ms % 1000), (unsigned long long)seq);

	memcpy(line + n, chain.text, e->len);
	line[(uint32_t)n + e->len] = '\n';
	return (size_t)n + e->len + 1;
}

static void chain_advance(uint64_t seq, size_t len)
{
	hex_write(chain.line, chain.head, DIGEST);
	sha256(chain.line, HEX + len - 1, chain.head);
	atomic_store_explicit(&chain.chained, seq, memory_order_relaxed);
}

/* -XEN_ENOENT: none left. */
static int line_next(struct vcpu *v, struct ravelin_audit_read *r, uint32_t room)
{
	struct audit_entry e;
	size_t len;
	int rc = audit_ring_copy(r->from, &e, chain.text);

	if (rc)
		return rc;
	len = line_make(r->from, &e);
	if (len > room)
		return r->size ? -XEN_ENOENT : -XEN_ENOBUFS;
	if (r->from == chain.chained + 1)
		chain_advance(r->from, len);
	rc = guest_copy_out(v, r->buffer + r->size, chain.line + HEX, len);
	if (rc == 0) {
		r->size += (uint32_t)len;
		r->from++;
	}
	return rc;
}

/* Gives way with what there is: the reader comes back. */
int audit_read(struct vcpu *v, struct ravelin_audit_read *r)
{
	uint32_t size = r->size;
	int rc = 0;

	if (r->from == 0 || r->from > atomic_load_explicit(&chain.chained, memory_order_relaxed) + 1)
		return -XEN_EINVAL;
	if (!spin_trylock(&chain.lock))
		return -XEN_ERESTART;
	r->size = 0;
	do
		rc = line_next(v, r, size - r->size);
	while (rc == 0 && !cpu_should_yield());
	spin_unlock(&chain.lock);
	return rc == -XEN_ENOENT || (r->size && rc != -XEN_EFAULT) ? 0 : rc;
}

int audit_release(uint64_t before)
{
	if (before > atomic_load_explicit(&chain.chained, memory_order_relaxed) + 1)
		return -XEN_EINVAL;
	while (audit_ring_release(before))
		if (cpu_should_yield())
			return -XEN_ERESTART;
	return 0;
}

int audit_state(struct ravelin_audit_state *s)
{
	if (!spin_trylock(&chain.lock))
		return -XEN_ERESTART;
	audit_ring_state(s);
	memcpy(s->boot, chain.boot, sizeof(s->boot));
	memcpy(s->head, chain.head, sizeof(s->head));
	s->chained = chain.chained;
	s->full = options.audit_full;
	spin_unlock(&chain.lock);
	return 0;
}

int audit_link(domid_t caller, const struct ravelin_audit_link *l)
{
	char boot[2 * sizeof(l->boot) + 1] = "", head[HEX + 1] = "";
	bool linked;

	if (!spin_trylock(&chain.lock))
		return -XEN_ERESTART;
	linked = chain.linked;
	chain.linked = true;
	spin_unlock(&chain.lock);
	if (linked)
		return -XEN_EEXIST;
	hex_write(boot, l->boot, sizeof(l->boot));
	hex_write(head, l->head, sizeof(l->head));
	audit_event(&(struct audit_event){ .type = AUDIT_NOTE, .caller = caller }, "ravelin: prior boot=%s last=%llu head=%s", boot,
		    (unsigned long long)l->last, head);
	return 0;
}

/* Others have been stopped, with locks or without: nothing is taken, numbers may be one short. */
void audit_crash(void)
{
	uint64_t first = audit_ring_first(), next = audit_ring_next(), chained = atomic_load(&chain.chained);

	if (next > chained + 1)
		log_err("audit: records %llu to %llu were not fetched: lost", (unsigned long long)chained + 1, (unsigned long long)next - 1);
	if (first && first <= chained)
		log_err("audit: records %llu to %llu were fetched, but not confirmed as stored", (unsigned long long)first,
			(unsigned long long)chained);
}
