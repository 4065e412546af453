/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See fetch.h. A shadow of 32 bits a byte says in which pass a byte was last read; passes are those of the gate, of which a multicall nests two.
 * Locking: none, one CPU acts. Trust: tests only.
 */
#include "fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <hv/gate.h>

#include "hosted.h"

#define LEVELS 4u

/* Reviewed: why each may read the same bytes again in one pass. */
static const struct {
	const char *function, *reason;
} reviewed[] = {
	{ "shared32_read", "one word, judged on this read alone; what it leads to is a compare-and-swap on the same value" },
	{ "shared64_test", "one bit of the guest's own event words, which steers only whether that guest is told" },
	{ "evtchn_pending", "the guest's own flag, which steers only whether that guest is told" },
	{ "table_read", "page table entries: each translation is new, as for the processor; nothing of an earlier one is kept but its result" },
	{ "pages_copy", "GNTTABOP_copy moves bytes without looking at them" },
	{ "entry_page", "a grant entry's frame: the page found by this read is the one that is referenced and kept" },
	{ "page_is_clear", "nobody else has the page any more" },
};

static struct {
	enum fetch_mode mode;
	bool trust;
	uint64_t random;
	uint32_t *shadow;
	uintptr_t base;
	size_t size;
	unsigned int reviewed;
	uint32_t passes;		/* number of the newest */
	struct {
		uint32_t serial;
		const char *operation;
	} level[LEVELS];
	unsigned int depth;
} fetch;

static void shadow_make(void)
{
	fetch.size = (size_t)(frame_table_end - HOSTED_BASE_MFN) << PAGE_SHIFT;
	fetch.shadow = mmap(NULL, fetch.size * sizeof(*fetch.shadow), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (fetch.shadow == MAP_FAILED)
		abort();
}

void fetch_begin(enum fetch_mode mode, uint64_t seed)
{
	if (!fetch.shadow)
		shadow_make();
	fetch.base = (uintptr_t)hosted_mfn_va(HOSTED_BASE_MFN);
	fetch.mode = mode;
	fetch.random = seed | 1;
	fetch.reviewed = 0;
}

void fetch_trust(bool on)
{
	fetch.trust = on;
}

unsigned int fetch_reviewed(void)
{
	return fetch.reviewed;
}

/* --- a second fetch ------------------------------------------------------------------------------------------------------------------ */

void __sanitizer_symbolize_pc(void *pc, const char *fmt, char *out, size_t size) __attribute__((weak));

/* The innermost function at pc, inlined ones too; remembered, since asking takes long. */
static const char *function_at(uintptr_t pc)
{
	static struct {
		uintptr_t pc;
		char name[64];
	} known[128];
	unsigned int i = 0;

	while (i < ARRAY_SIZE(known) && known[i].pc && known[i].pc != pc)
		i++;
	if (i == ARRAY_SIZE(known))
		return "?";
	if (!known[i].pc && __sanitizer_symbolize_pc) {
		known[i].pc = pc;
		__sanitizer_symbolize_pc((void *)(pc - 1), "%f", known[i].name, sizeof(known[i].name));
	}
	return known[i].name;
}

static bool is_reviewed(const char *function)
{
	for (size_t i = 0; i < ARRAY_SIZE(reviewed); i++)
		if (strcmp(reviewed[i].function, function) == 0)
			return true;
	return false;
}

static _Noreturn void double_fetch(uintptr_t at, size_t len, const char *function)
{
	mfn_t mfn = HOSTED_BASE_MFN + ((at - fetch.base) >> PAGE_SHIFT);

	fprintf(stderr, "double fetch of %zu bytes at frame %lx+%lx by %s, in %s\n", len, mfn, at & (PAGE_SIZE - 1),
		fetch.level[fetch.depth - 1].operation, function);
	abort();
}

static void bytes_change(uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		fetch.random = fetch.random * 6364136223846793005u + 1442695040888963407u;
		if (fetch.random >> 62)
			at[i] = (uint8_t)(fetch.random >> 40);
	}
}

static bool is_guests(uintptr_t at)
{
	const struct frame *f = mfn_to_frame(HOSTED_BASE_MFN + ((at - fetch.base) >> PAGE_SHIFT));

	return f->kind == FRAME_GUEST || f->kind == FRAME_SHARED;
}

/* Before the bytes are read. */
static void fetched(const void *from, size_t len, void *pc)
{
	uintptr_t at = (uintptr_t)from;
	uint32_t *shadow, serial;
	bool again = false;
	const char *function;

	if (fetch.mode == FETCH_PLAIN || at - fetch.base >= fetch.size || fetch.depth == 0 || !is_guests(at))
		return;
	shadow = fetch.shadow + (at - fetch.base);
	serial = fetch.level[fetch.depth - 1].serial;
	for (size_t i = 0; i < len; i++) {
		again |= shadow[i] == serial;
		shadow[i] = serial;
	}
	if (!again)
		return;
	if (fetch.mode == FETCH_CHANGING) {
		bytes_change((uint8_t *)at, len);
		return;
	}
	if (fetch.trust)
		return;
	function = function_at((uintptr_t)pc);
	if (!is_reviewed(function))
		double_fetch(at, len, function);
	fetch.reviewed++;
}

#define HOOK(n) \
	void __sanitizer_cov_load##n(const void *at); \
	void __sanitizer_cov_load##n(const void *at) { fetched(at, n, __builtin_return_address(0)); }
HOOK(1)
HOOK(2)
HOOK(4)
HOOK(8)
HOOK(16)

void *__real___asan_memcpy(void *to, const void *from, size_t n) __attribute__((weak));	/* not there without AddressSanitizer */
void *__wrap___asan_memcpy(void *to, const void *from, size_t n);
void *__wrap___asan_memcpy(void *to, const void *from, size_t n)
{
	fetched(from, n, __builtin_return_address(0));
	return __real___asan_memcpy(to, from, n);
}

void *__real___asan_memmove(void *to, const void *from, size_t n) __attribute__((weak));	/* not there without AddressSanitizer */
void *__wrap___asan_memmove(void *to, const void *from, size_t n);
void *__wrap___asan_memmove(void *to, const void *from, size_t n)
{
	fetched(from, n, __builtin_return_address(0));
	return __real___asan_memmove(to, from, n);
}

/* --- passes -------------------------------------------------------------------------------------------------------------------------- */

struct authz *__real_gate_begin(struct vcpu *v, enum perm use);
struct authz *__wrap_gate_begin(struct vcpu *v, enum perm use);
void __real_gate_end(struct authz *az);
void __wrap_gate_end(struct authz *az);
void __real_gate_set_operation(struct authz *az, const struct gate_operation *op);
void __wrap_gate_set_operation(struct authz *az, const struct gate_operation *op);

struct authz *__wrap_gate_begin(struct vcpu *v, enum perm use)
{
	struct authz *az = __real_gate_begin(v, use);

	if (az && fetch.depth < LEVELS) {
		fetch.level[fetch.depth].serial = ++fetch.passes;
		fetch.level[fetch.depth++].operation = "an operation not yet known";
	}
	return az;
}

void __wrap_gate_set_operation(struct authz *az, const struct gate_operation *op)
{
	if (fetch.depth)
		fetch.level[fetch.depth - 1].operation = op->name;
	__real_gate_set_operation(az, op);
}

void __wrap_gate_end(struct authz *az)
{
	if (fetch.depth)
		fetch.depth--;
	__real_gate_end(az);
}
