/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dispatcher.
 * Locking: enters with none held. Trust: registers and memory of the caller are hostile.
 */
#ifndef HV_HYPERCALL_H
#define HV_HYPERCALL_H

#include <hv/types.h>

struct hypercall {
	uint64_t nr;
	uint64_t arg[6];	/* in: RDI RSI RDX R10 R8 R9 (64-bit) or EBX ECX EDX ESI EDI EBP; a handler may change them for continuation */
	int64_t result;		/* out, when not continued */
	bool restart;		/* out: do not advance RIP; write arg[] back to the registers and re-enter later */
	bool compat;		/* 32-bit caller */
	bool privileged;	/* CPL 0 */
	bool nested;		/* entry of a multicall */
};

void hypercall_dispatch(struct vcpu *v, struct hypercall *hc);
/* svm/: VMMCALL exit; fills struct hypercall from the registers, dispatches, writes back. hypercall/entry.c, portable. */
void hypercall_from_guest(struct vcpu *v, unsigned int insn_len);

#endif
