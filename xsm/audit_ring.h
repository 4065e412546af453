/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring of records between those who write them and the one who reads.
 * Locking: ring.lock, a leaf, held for the copy of one record or a bounded walk. Trust: texts are ours, their number is the guests' choice.
 */
#ifndef XSM_AUDIT_RING_H
#define XSM_AUDIT_RING_H

#include <hv/audit.h>

/* A record in the ring; `len` bytes of text follow, up to a multiple of 8. */
struct audit_entry {
	uint64_t time;		/* ns since boot */
	uint32_t len;
	domid_t owner;		/* whose budget; AUDIT_ACCOUNTS - 1: the hypervisor's */
	uint8_t type;
	uint8_t reserved;
};

#define AUDIT_ACCOUNTS	(DOMID_FIRST_RESERVED + 1u)
#define AUDIT_TEXT_MAX	15872u	/* leaves room for "type=… msg=audit(…): " within RAVELIN_AUDIT_LINE_MAX */

int __must_check audit_ring_init(uint32_t bytes);
/* Would a record of that domain have room, and the console its line? One that has neither need not be written, and is counted here. */
struct audit_place {
	bool ring, console;
	uint32_t left_out;	/* lines kept from the console in the domain's last second */
};
struct audit_place audit_ring_place(domid_t owner);
/* Copies the text, or counts it as lost. */
void audit_ring_put(domid_t owner, enum audit_type type, const char *text, size_t len);

/* The reader's side; one at a time (audit_chain.c). */
uint64_t audit_ring_first(void);
uint64_t audit_ring_next(void);
/* -XEN_ERESTART: looked for it as far as one may at once, call again; -XEN_ERANGE: not there any more; -XEN_ENOENT: not there yet. */
int __must_check audit_ring_copy(uint64_t seq, struct audit_entry *e, char *text);
/* Frees at most a few hundred; true: there are more before `before`. Then says how much was lost for want of room. */
bool audit_ring_release(uint64_t before);
/* All but boot, head, chained. */
void audit_ring_state(struct ravelin_audit_state *s);

/* audit_chain.c: a new boot's chain and its first record. */
int __must_check audit_chain_init(void);

#endif
