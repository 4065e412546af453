/* SPDX-License-Identifier: Apache-2.0 */
/* For Eva's drivers of handlers: a guest that may say anything. */
#ifndef PROVE_GUEST_H
#define PROVE_GUEST_H

#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/gate.h>
#include <hv/guestmem.h>
#include <hv/hypercall.h>
#include <hv/string.h>
#include <hv/vcpu.h>

extern volatile uint8_t any_byte;
extern volatile uint32_t any_u32;
extern volatile uint64_t any_u64;
extern volatile bool any_bool;
extern void (*guest_says)(void *dst, size_t len);	/* what is not just anything */
extern struct vcpu guest_vcpus[3];
extern struct domain guest_domains[2];

void eva_main(void);
/* A caller and a target, and registers that hold anything. */
void guest_start(struct hypercall *hc);
/* Bytes that hold anything. */
/*@ requires \valid((char *)dst + (0 .. len - 1)); assigns ((char *)dst)[0 .. len - 1] \from any_byte; ensures \initialized((char *)dst + (0 .. len - 1)); */
void guest_fill(void *dst, size_t len);
/* They have a value, each. */
/*@ requires \initialized((char *)src + (0 .. len - 1)); assigns \nothing; */
void guest_look(const void *src, size_t len);
/* 0, or any error. */
int guest_status(void);

#endif
