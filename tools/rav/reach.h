/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who reaches whom by which means: a policy's effects between domains, with a domain's helper types
 * (itself as a target, its event channels) counted as the domain.
 * Locking: single-threaded. Trust: a policy that binary.c has read.
 */
#ifndef RAV_REACH_H
#define RAV_REACH_H

#include "binary.h"
#include "perms.h"
#include "rules.h"

/* runs; is being built; acts on nobody: hypervisor, policy, devices */
enum node_kind { NODE_DOMAIN, NODE_BUILD, NODE_OBJECT };

struct reach_node {
	uint32_t type;
	const char *name;
	enum node_kind kind;
	bool used;		/* an edge begins or ends here */
};

struct reach_edge {
	size_t from, to;	/* nodes; equal: two domains of one type */
	enum means means;
	unsigned int relations;
	char *perms;		/* "mmu:map_read mmu:map_write ", each with a blank behind it */
};

struct reach {
	struct reach_node *node;
	size_t nr_nodes;
	struct reach_edge *edge;	/* by from, to, means */
	size_t nr_edges;
};

int reach_compute(struct binary *b, struct reach *r);
void reach_of(struct binary *b, const struct effects *all, struct reach *r);
void reach_free(struct reach *r);
/* The domain a helper type belongs to; any other type itself. */
uint32_t reach_owner(const struct binary *b, uint32_t type);

#endif
