/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting the other processors. They come up early, so that their number is known, and wait until the first domain is ready.
 * Locking: boot, one CPU at a time.
 * Trust: no guest data.
 */
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/edge.h>
#include <hv/options.h>
#include <hv/string.h>
#include "arch.h"
#include "paging.h"
#include "stop.h"
#include "../boot/boot.h"
#include "../svm/svm.h"

#define ICR_INIT 0x4500u
#define ICR_STARTUP 0x4600u
#define START_TIMEOUT_NS 10000000000ull	/* a busy emulator is slow */

struct trampoline_words {
	uint64_t root, stack, entry;
};
extern const char trampoline_start[], trampoline_end[], trampoline_words[];

static unsigned int starting;
static _Atomic int start_error;
static _Atomic bool released;

static void delay_us(uint64_t us)
{
	uint64_t end = edge_now_ns() + us * 1000;

	while (edge_now_ns() < end)
		cpu_pause();
}

/* First C of another CPU, on its own stack, with the trampoline's root still loaded. */
static _Noreturn void ap_main(void)
{
	unsigned int cpu = starting;
	int err;

	write_cr3(paging_root());
	cpu_early_init(cpu, cpu_arch[cpu].apic_id);
	lapic_init_cpu();
	err = svm_cpu_init();
	if (err) {
		atomic_store(&start_error, err);
		stop_forever();
	}
	cpu_tlb_ack();
	atomic_store(&cpus[cpu].online, true);
	while (!atomic_load(&released))
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	cpu_tlb_flush_global();		/* boot has sealed its memory meanwhile */
	cpu_loop();
}

static __init bool wait_online(unsigned int cpu, uint64_t ns)
{
	uint64_t end = edge_now_ns() + ns;

	while (!atomic_load(&cpus[cpu].online) && !atomic_load(&start_error))
		if (edge_now_ns() > end)
			return false;
	return atomic_load(&cpus[cpu].online);
}

static __init bool start_one(unsigned int cpu, uint32_t apic_id, hpa_t page, struct trampoline_words *w)
{
	starting = cpu;
	cpus[cpu].id = cpu;
	cpu_arch[cpu].id = cpu;
	cpu_arch[cpu].apic_id = apic_id;
	w->stack = cpu_arch[cpu].stack_top;
	w->entry = (uint64_t)(uintptr_t)ap_main;
	lapic_send_ipi(apic_id, ICR_INIT);
	delay_us(10000);
	for (int i = 0; i < 2; i++) {
		lapic_send_ipi(apic_id, ICR_STARTUP | (uint32_t)(page >> PAGE_SHIFT));
		if (wait_online(cpu, i == 0 ? 10000000 : START_TIMEOUT_NS))
			return true;
	}
	return false;
}

/* The page is used again for each CPU; its words are written through a mapping of our own. */
static __init struct trampoline_words *trampoline_place(hpa_t page)
{
	size_t size = (size_t)(trampoline_end - trampoline_start);
	char *va = (char *)(uintptr_t)fix_map_ro(page, PAGE_SIZE);
	hpa_t root = paging_trampoline_root(page);
	struct trampoline_words *w;

	if (!va)
		return NULL;
	paging_protect((uint64_t)(uintptr_t)va, PAGE_SIZE, MAP_RW);
	memcpy(va, trampoline_start, size);
	w = (struct trampoline_words *)(va + (trampoline_words - trampoline_start));
	w->root = root;
	return w;
}

/* Low bits of an APIC id that tell apart the threads of one core (CPUID leaf 0xb; before that, 0x8000001e on AMD). */
static __init unsigned int smt_bits(void)
{
	unsigned int threads = 1;

	if (cpuid(0, 0).a >= 0xb && cpuid(0xb, 0).b)
		return cpuid(0xb, 0).a & 0x1f;
	if (cpuid(0x80000000, 0).a >= 0x8000001e)
		threads += (cpuid(0x8000001e, 0).b >> 8) & 0xff;
	return threads > 1 ? 32u - (unsigned int)__builtin_clz(threads - 1) : 0;
}

/* Threads share what a core speculates on: with one for each core, two labels are never on the same at once. */
static __init bool is_sibling(uint32_t id, unsigned int started)
{
	unsigned int bits = smt_bits();

	for (unsigned int i = 0; i < started; i++)
		if (cpu_arch[i].apic_id >> bits == id >> bits)
			return true;
	return false;
}

__init void smp_start_aps(void)
{
	hpa_t page = memory_low_page();
	struct trampoline_words *w = NULL;
	unsigned int n = 1, siblings = 0;

	atomic_store(&cpus[0].online, true);
	for (unsigned int i = 0; i < madt_info.cpus && n < options.max_cpus; i++) {
		uint32_t id = madt_info.apic_ids[i];

		if (id == cpu_arch[0].apic_id || !lapic_reaches(id))
			continue;
		if (is_sibling(id, n)) {
			siblings++;
			continue;
		}
		if (!w && (!page || !(w = trampoline_place(page)))) {
			log_warn("cpu: no room below 1 MiB to start other processors from");
			break;
		}
		if (cpu_alloc(n)) {
			log_warn("cpu: no memory for processor %u", n);
			break;
		}
		if (start_one(n, id, page, w))
			n++;
		else
			boot_stop("processor with APIC id %u did not start (%d)", id, atomic_load(&start_error));
	}
	if (w)
		fix_unmap(w, sizeof(*w));
	cpu_count = n;
	log_info("cpu: %u processor%s up", n, n == 1 ? "" : "s");
	if (siblings)
		log_info("cpu: %u sibling thread%s left unused: a core runs one label at a time", siblings, siblings == 1 ? "" : "s");
}

void smp_release(void)
{
	atomic_store(&released, true);
	for (unsigned int i = 1; i < cpu_count; i++)
		edge_cpu_kick(i);
}
