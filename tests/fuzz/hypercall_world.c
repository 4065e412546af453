/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypercall fuzzer's input, domains and calls.
 * Locking: none, one CPU acts. Trust: tests only.
 */
#include "fetch.h"
#include "hypercall_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hv/cpu.h>
#include <hv/guestmem.h>
#include <hv/hypercall.h>

#define MAX_CONTINUATIONS 200000u
#define REMEMBERED 16u

struct domain *domain[DOMAINS];
bool world_dirty;

static const uint8_t *in;
static size_t left;
static struct {
	uint32_t value[REMEMBERED];
	unsigned int nr;
} known[KNOWN_KINDS];

void input_begin(const uint8_t *bytes, size_t len)
{
	in = bytes;
	left = len;
}

bool input_left(void)
{
	return left > 0;
}

uint64_t take(unsigned int bytes)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < bytes && left; i++, left--)
		v |= (uint64_t)*in++ << (8 * i);
	return v;
}

uint64_t take_argument(void)
{
	static const uint64_t odd[] = { 0, ~0ull, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffff, 0x80000000, PAGES * PAGE_SIZE - 8, 0x7ff0 };

	switch (take(1) % 8) {
	case 0: case 1:
		return take(1);
	case 2: case 3:
		return BLOCK + take(1) * 16;
	case 4:
		return take(2);
	case 5:
		return take(4);
	case 6:
		return odd[take(1) % 8];
	default:
		return take(8);
	}
}

void known_reset(void)
{
	memset(known, 0, sizeof(known));
}

void known_add(enum known kind, uint32_t value)
{
	known[kind].value[known[kind].nr++ % REMEMBERED] = value;
}

uint32_t known_take(enum known kind)
{
	unsigned int nr = known[kind].nr < REMEMBERED ? known[kind].nr : REMEMBERED;

	return nr ? known[kind].value[take(1) % nr] : 0;
}

bool able(const struct domain *d)
{
	return !domain_is_dying(d) && !d->is_shut_down && d->vcpu[0] && vcpu_is_online(d->vcpu[0]);
}

struct domain *take_able(void)
{
	struct domain *d = domain[take(1) % DOMAINS];

	return able(d) ? d : NULL;
}

int64_t call(struct domain *d, uint64_t nr, const uint64_t arg[5])
{
	struct hypercall hc = { .nr = nr, .arg = { arg[0], arg[1], arg[2], arg[3], arg[4] }, .privileged = true };

	hosted_run_vcpu(d->vcpu[0]);
	for (unsigned int rounds = 0; ; rounds++) {
		hc.restart = false;
		hypercall_dispatch(d->vcpu[0], &hc);
		if (hosted_windows() != 0) {
			fprintf(stderr, "a window stays open after hypercall %llu\n", (unsigned long long)nr);
			abort();
		}
		if (!hc.restart || !able(d))
			return hc.result;
		if (rounds > MAX_CONTINUATIONS) {
			fprintf(stderr, "hypercall %llu never ends\n", (unsigned long long)nr);
			abort();
		}
	}
}

/* What cannot be written is not there. */
void write_block(struct domain *d, gpa_t at, const void *bytes, size_t len)
{
	if (guest_phys_write(d, at, bytes, len) != 0)
		return;
}

int64_t block_call(struct domain *d, uint64_t nr, uint64_t cmd, void *block, size_t len)
{
	uint64_t arg[5] = { cmd, BLOCK, 1 };
	int64_t rc;

	write_block(d, BLOCK, block, len);
	rc = call(d, nr, arg);
	if (hosted_try_read(d, BLOCK, block, len) != 0)
		memset(block, 0, len);
	return rc;
}

/* As the processor's exit brings it: by registers, of a 64-bit or a 32-bit caller. */
static void vmmcall(struct vcpu *v)
{
	hypercall_from_guest(v, 3);
}

void call_by_registers(struct domain *d, uint64_t nr, const uint64_t arg[5], bool compat)
{
	struct vcpu *v = d->vcpu[0];
	struct guest_paging former = hosted_vcpu(v)->paging;

	if (compat) {
		v->regs = (struct guest_regs){ .rax = nr, .rbx = arg[0], .rcx = arg[1], .rdx = arg[2], .rsi = arg[3], .rdi = arg[4] };
		hosted_vcpu(v)->paging.long_mode = false;
	} else {
		v->regs = (struct guest_regs){ .rax = nr, .rdi = arg[0], .rsi = arg[1], .rdx = arg[2], .r10 = arg[3], .r8 = arg[4] };
	}
	hosted_run_vcpu(v);
	for (unsigned int rounds = 0; rounds < MAX_CONTINUATIONS && able(d) && v->regs.rip == 0; rounds++)
		vmmcall(v);
	hosted_vcpu(v)->paging = former;
}

void step_schedule(unsigned int rounds)
{
	hosted_run_vcpu(NULL);
	fetch_trust(true);	/* registers may be of a call whose arguments overlap */
	hosted_guest = vmmcall;
	while (rounds--)
		cpu_step();
	hosted_guest = NULL;
	fetch_trust(false);
}
