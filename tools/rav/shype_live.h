/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's sHype, asked by hypercall.
 * Locking: single-threaded. Trust: the hypervisor's answers are believed, their lengths are not.
 */
#ifndef RAV_SHYPE_LIVE_H
#define RAV_SHYPE_LIVE_H

#include <abi/ravelin.h>
#include <stddef.h>
#include <stdint.h>
#include <xencall.h>

struct shype_live {
	xencall_handle *call;
	struct ravelin_op *op;			/* memory the hypervisor can reach */
	struct ravelin_shype_conflict *list;
	uint8_t *policy;
	size_t policy_size;
};

/* RAV_OK, or said why not. Room for a policy of that size. */
int shype_live_open(struct shype_live *l, size_t policy_size);
void shype_live_close(struct shype_live *l);
/* l->op, with this command. 0, or -1 and errno. */
int shype_live_call(struct shype_live *l, uint32_t cmd);

#endif
