/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: pages behind the image and its modules; addresses without RAM for mappings; time.
 * Locking: none; the first vCPU allocates. Trust: a guest.
 */
#include "guest.h"

#include <xen/sched.h>

#define SCRATCH_START	0xd0000000ull	/* above the RAM of any machine these tests run on, below the APIC */
#define SCRATCH_END	0xf0000000ull
#define MIB		(1ull << 20)

extern char image_end[];

static uint64_t next_page, last_page, next_scratch = SCRATCH_START;

static void reserve(uint64_t start, uint64_t size)
{
	uint64_t end = (start + size + PAGE_SIZE - 1) & PAGE_MASK;

	if (start >= MIB && end > next_page)
		next_page = end;
}

void memory_init(void)
{
	const struct pvh_memory *map = (const struct pvh_memory *)start_info->memmap;
	const struct pvh_module *module = (const struct pvh_module *)start_info->modules;

	next_page = (uint64_t)image_end;
	reserve((uint64_t)start_info, sizeof(*start_info));
	reserve((uint64_t)command_line, strlen(command_line) + 1);
	for (uint32_t i = 0; i < start_info->nr_modules; i++)
		reserve(module[i].start, module[i].size);
	last_page = 16 * MIB;
	for (uint32_t i = 0; i < start_info->memmap_entries; i++)
		if (map[i].type == PVH_MEMORY_RAM && map[i].start == MIB)
			last_page = map[i].start + map[i].size;
}

void *page_alloc(unsigned int pages)
{
	void *p = (void *)next_page;

	next_page += pages * PAGE_SIZE;
	if (next_page > last_page) {
		say("guest: out of memory");
		guest_shutdown(SHUTDOWN_crash);
	}
	memset(p, 0, pages * PAGE_SIZE);
	return p;
}

uint64_t scratch_gpa(unsigned int pages)
{
	uint64_t gpa = __atomic_fetch_add(&next_scratch, pages * PAGE_SIZE, __ATOMIC_RELAXED);

	if (gpa + pages * PAGE_SIZE > SCRATCH_END) {
		say("guest: out of scratch addresses");
		guest_shutdown(SHUTDOWN_crash);
	}
	return gpa;
}

uint64_t random64(void)
{
	static uint64_t state;

	if (!state)
		state = 0x9e3779b97f4a7c15ull ^ argument("seed", 1);
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Scale a TSC difference as vcpu_time_info says (xen/xen.h). */
static uint64_t tsc_scale(const struct vcpu_time_info *t, uint64_t delta)
{
	delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
	return (uint64_t)(((unsigned __int128)delta * t->tsc_to_system_mul) >> 32);
}

uint64_t now_ns(void)
{
	const volatile struct vcpu_time_info *v;
	struct vcpu_time_info t;
	uint32_t version;

	if (!shared_info)
		return rdtsc();		/* taken for 1 GHz, as QEMU's is */
	v = &shared_info->vcpu_info[0].time;
	do {
		version = v->version;
		__asm__ volatile("" : : : "memory");
		t = *(const struct vcpu_time_info *)(uintptr_t)v;
		__asm__ volatile("" : : : "memory");
	} while ((version & 1) || version != v->version);
	return t.system_time + tsc_scale(&t, rdtsc() - t.tsc_timestamp);
}

void delay_ms(unsigned int ms)
{
	uint64_t end = now_ns() + ms * 1000000ull;

	while (now_ns() < end)
		relax();
}

bool wait_for(volatile uint64_t *counter, uint64_t want, unsigned int ms)
{
	uint64_t end = now_ns() + ms * 1000000ull;

	while (*counter < want) {
		if (now_ns() >= end)
			return false;
		irq_window();
		relax();		/* one thread of QEMU runs all CPUs: let the next one */
	}
	return true;
}
