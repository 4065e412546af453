/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an observed call reads from the caller's memory, and what it writes there: nothing may be fetched twice in one pass (it may have changed in
 * between), nothing may be written that was never set (the stack holds a pattern before the call; another pattern must not show).
 * Locking: none. Trust: tests only.
 */
#include "sweep.h"

#include <hv/guestmem.h>

#define RANGES_MAX	512u
#define STACK_BYTES	16384u

static struct {
	bool on;
	bool twice;
	uint64_t written;		/* of all bytes, in order */
	unsigned int nr;
	struct {
		uint64_t pass;
		gva_t at;
		size_t len;
	} fetched[RANGES_MAX];
} watch;

int __real_guest_copy_in(struct vcpu *v, void *dst, gva_t src, size_t len);
int __wrap_guest_copy_in(struct vcpu *v, void *dst, gva_t src, size_t len);
int __real_guest_copy_out(struct vcpu *v, gva_t dst, const void *src, size_t len);
int __wrap_guest_copy_out(struct vcpu *v, gva_t dst, const void *src, size_t len);
int __real_guest_array_fetch(struct guest_array *a, void *elem);
int __wrap_guest_array_fetch(struct guest_array *a, void *elem);
int __real_guest_array_store(struct guest_array *a, uint64_t index, const void *elem);
int __wrap_guest_array_store(struct guest_array *a, uint64_t index, const void *elem);

static void fetched(gva_t at, size_t len)
{
	uint64_t pass = atomic_load(&cpus[edge_cpu_id()].pass_seq);

	if (!watch.on || len == 0)
		return;
	for (unsigned int i = 0; i < watch.nr; i++)
		watch.twice |= watch.fetched[i].pass == pass && watch.fetched[i].at < at + len && at < watch.fetched[i].at + watch.fetched[i].len;
	if (watch.nr == RANGES_MAX)
		return;
	watch.fetched[watch.nr].pass = pass;
	watch.fetched[watch.nr].at = at;
	watch.fetched[watch.nr++].len = len;
}

static void written(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	for (size_t i = 0; watch.on && i < len; i++)
		watch.written = (watch.written ^ b[i]) * 0x100000001b3u;
}

int __wrap_guest_copy_in(struct vcpu *v, void *dst, gva_t src, size_t len)
{
	fetched(src, len);
	return __real_guest_copy_in(v, dst, src, len);
}

int __wrap_guest_copy_out(struct vcpu *v, gva_t dst, const void *src, size_t len)
{
	written(src, len);
	return __real_guest_copy_out(v, dst, src, len);
}

int __wrap_guest_array_fetch(struct guest_array *a, void *elem)
{
	fetched(a->base + a->pos * a->size, a->size);
	return __real_guest_array_fetch(a, elem);
}

int __wrap_guest_array_store(struct guest_array *a, uint64_t index, const void *elem)
{
	written(elem, a->size);
	return __real_guest_array_store(a, index, elem);
}

/* Left behind below the caller's frame, where the call's variables will be. */
static void __attribute__((noinline, no_sanitize("address"))) stack_fill(uint8_t pattern)
{
	volatile uint8_t bytes[STACK_BYTES];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = pattern;
}

void sweep_watch_begin(uint8_t pattern)
{
	watch.nr = 0;
	watch.twice = false;
	watch.written = 0xcbf29ce484222325u;
	stack_fill(pattern);
	watch.on = true;
}

uint64_t sweep_watch_end(bool *twice)
{
	watch.on = false;
	*twice = watch.twice;
	return watch.written;
}
