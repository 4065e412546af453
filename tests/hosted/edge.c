/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake hardware edge: memory is an arena of this process, a CPU is a thread, time stands still unless told.
 * Locking: counters are atomic; a window belongs to its thread. Trust: tests only.
 */
#include "hosted.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/single_threaded.h>

#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/mm.h>

#define TSC_KHZ 1000000u	/* 1 GHz: one tick is one nanosecond */
#define CONSOLE_BYTES (1u << 16)

void *hosted_jump[5];
bool hosted_jump_armed;
void (*hosted_guest)(struct vcpu *v);

static struct {
	uint8_t *memory;
	size_t bytes;
	_Atomic uint64_t now, step;
	_Atomic uint64_t deadline[MAX_CPUS];
	_Atomic unsigned int kicks[MAX_CPUS];
	_Atomic unsigned int flushes;
	_Atomic unsigned int pins;
	_Atomic uint64_t random;
	char console[CONSOLE_BYTES];
	size_t console_len;
	char input[256];
	size_t input_len;
} machine;

static _Thread_local unsigned int this_cpu_id;
static _Thread_local unsigned int windows_open;
static _Thread_local void *window_stack[EDGE_WINDOWS];

static _Noreturn void broken(const char *what)
{
	fprintf(stderr, "fake edge: %s\n", what);
	abort();
}

void hosted_edge_init(size_t mib)
{
	lock_order_forget();
	if (machine.memory)
		munmap(machine.memory, machine.bytes);
	memset(&machine, 0, sizeof(machine));
	machine.bytes = mib << 20;
	machine.memory = mmap(NULL, machine.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (machine.memory == MAP_FAILED)
		broken("no memory");
	machine.now = 1000000000u;
	machine.random = 0x9e3779b97f4a7c15u;
	for (unsigned int i = 0; i < MAX_CPUS; i++)
		machine.deadline[i] = UINT64_MAX;
	windows_open = 0;
	this_cpu_id = 0;
}

void *hosted_mfn_va(mfn_t mfn)
{
	size_t offset = (mfn - HOSTED_BASE_MFN) << PAGE_SHIFT;

	if (mfn < HOSTED_BASE_MFN || offset >= machine.bytes)
		broken("access to a frame that does not exist");
	return machine.memory + offset;
}

void hosted_cpu_set(unsigned int cpu)
{
	this_cpu_id = cpu;
}

/* --- processor ----------------------------------------------------------------------------------------------------- */

unsigned int edge_cpu_id(void)
{
	return this_cpu_id;
}

void edge_relax(void)
{
	sched_yield();
}

void edge_cpu_kick(unsigned int cpu)
{
	if (cpu >= MAX_CPUS)
		broken("kick of a CPU that does not exist");
	machine.kicks[cpu]++;
}

unsigned int hosted_kicks(unsigned int cpu)
{
	return machine.kicks[cpu];
}

/* Only to another of our threads: on a busy machine each giving way costs a time slice, and a simulated second has thousands. */
void edge_idle(void)
{
	lock_order_check_none("a CPU idles");
	if (!__libc_single_threaded)
		sched_yield();
}

uint64_t edge_random(void)
{
	uint64_t x = machine.random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	machine.random = x;
	return x;
}

void edge_speculation_barrier_domain(void)
{
}

uint64_t edge_array_index_mask(uint64_t index, uint64_t size)
{
	return index < size ? ~(uint64_t)0 : 0;
}

/* --- time ------------------------------------------------------------------------------------------------------------ */

uint64_t edge_now_ns(void)
{
	return atomic_fetch_add(&machine.now, machine.step);
}

uint64_t edge_tsc(void)
{
	return edge_now_ns();
}

uint64_t edge_tsc_khz(void)
{
	return TSC_KHZ;
}

/* ((tsc << 1) * 2^31) >> 32 == tsc */
uint32_t edge_tsc_mul(void)
{
	return 0x80000000u;
}

int8_t edge_tsc_shift(void)
{
	return 1;
}

uint64_t edge_tsc_base(void)
{
	return 0;
}

uint64_t edge_boot_wallclock_s(void)
{
	return 1700000000u;
}

void edge_timer_arm(uint64_t deadline_ns)
{
	machine.deadline[this_cpu_id] = deadline_ns;
}

uint64_t hosted_timer_deadline(unsigned int cpu)
{
	return machine.deadline[cpu];
}

void hosted_time_set(uint64_t ns)
{
	machine.now = ns;
}

void hosted_time_advance(uint64_t ns)
{
	machine.now += ns;
}

void hosted_time_auto(uint64_t step_ns)
{
	machine.step = step_ns;
}

/* --- memory ---------------------------------------------------------------------------------------------------------- */

void *edge_window_map(mfn_t mfn)
{
	if (windows_open == EDGE_WINDOWS)
		broken("no window left");
	return window_stack[windows_open++] = hosted_mfn_va(mfn);
}

void edge_window_unmap(void *va)
{
	uintptr_t page = (uintptr_t)va & PAGE_MASK;

	if (windows_open == 0 || (uintptr_t)window_stack[windows_open - 1] != page)
		broken("windows are not unmapped in reverse order");
	windows_open--;
}

uint64_t edge_window_read(mfn_t mfn, unsigned int offset)
{
	const char *page = edge_window_map(mfn);
	uint64_t word = __atomic_load_n((const uint64_t *)(page + offset), __ATOMIC_RELAXED);

	edge_window_unmap((void *)(uintptr_t)page);
	return word;
}

unsigned int hosted_windows(void)
{
	return windows_open;
}

void *edge_pin_map(mfn_t mfn)
{
	machine.pins++;
	return hosted_mfn_va(mfn);
}

void edge_pin_unmap(void *va)
{
	(void)va;
	if (machine.pins-- == 0)
		broken("unmapping a pin that is not there");
}

unsigned int hosted_pins(void)
{
	return machine.pins;
}

/* No more than what every format has. */
uint64_t edge_p2m_encode(struct p2m_entry e, unsigned int level)
{
	if (level > 3)
		broken("p2m level");
	if (e.leaf ? e.type == P2M_INVALID : e.mfn == MFN_INVALID)
		return 0;
	return 1 | (e.leaf && level > 0 ? P2M_PTE_LARGE : 0) | e.mfn << PAGE_SHIFT |
	       (uint64_t)(e.leaf ? e.type : P2M_INVALID) << P2M_PTE_TYPE_SHIFT;
}

void edge_guest_flush_wait(struct domain *d)
{
	(void)d;
	machine.flushes++;
}

unsigned int hosted_flushes(void)
{
	return machine.flushes;
}

/* --- virtual CPU ----------------------------------------------------------------------------------------------------- */

struct hosted_vcpu *hosted_vcpu(struct vcpu *v)
{
	return v->arch;
}

int edge_vcpu_create(struct vcpu *v)
{
	struct hosted_vcpu *h = heap_alloc(v->domain, sizeof(*h));

	if (!h)
		return -XEN_ENOMEM;
	h->paging = (struct guest_paging){ .cr0 = 0x11, .long_mode = true };
	h->context.cr0 = 0x11;
	v->arch = h;
	return 0;
}

void edge_vcpu_destroy(struct vcpu *v)
{
	heap_free(v->domain, v->arch);
	v->arch = NULL;
}

void edge_vcpu_load(struct vcpu *v)
{
	if (!vcpu_is_running(v))
		broken("load of a vCPU that others may load");
	hosted_vcpu(v)->loads++;
}

void edge_vcpu_save(struct vcpu *v)
{
	if (!vcpu_is_running(v))
		broken("save of a vCPU that others may load");
	if (hosted_vcpu(v)->loads-- == 0)
		broken("save of a vCPU that is not loaded");
}

void edge_vcpu_run(struct vcpu *v)
{
	lock_order_check_none("a guest is entered");
	hosted_vcpu(v)->runs++;
	if (hosted_guest)
		hosted_guest(v);
}

void edge_vcpu_get_paging(const struct vcpu *v, struct guest_paging *p)
{
	*p = ((const struct hosted_vcpu *)v->arch)->paging;
}

void edge_vcpu_get_context(struct vcpu *v, struct cpu_context *c)
{
	*c = hosted_vcpu(v)->context;
	c->regs = v->regs;
}

int edge_vcpu_set_context(struct vcpu *v, const struct cpu_context *c)
{
	struct hosted_vcpu *h = hosted_vcpu(v);

	if (c->cr0 >> 32)
		return -XEN_EINVAL;
	h->context = *c;
	h->paging.cr0 = c->cr0;
	h->paging.cr3 = c->cr3;
	h->paging.cr4 = c->cr4;
	h->paging.efer = c->efer;
	v->regs = c->regs;
	return 0;
}

/* --- console and the end of the machine ------------------------------------------------------------------------------- */

void edge_console_write(const char *buf, size_t len)
{
	if (getenv("HOSTED_CONSOLE"))
		fwrite(buf, 1, len, stderr);
	if (len >= CONSOLE_BYTES - machine.console_len)
		machine.console_len = 0;	/* what is old goes: tests look at the end */
	if (len >= CONSOLE_BYTES)
		return;
	memcpy(machine.console + machine.console_len, buf, len);
	machine.console_len += len;
	machine.console[machine.console_len] = '\0';
}

const char *hosted_console(void)
{
	return machine.console;
}

void hosted_console_clear(void)
{
	machine.console_len = 0;
	machine.console[0] = '\0';
}

void hosted_console_input(const char *text)
{
	machine.input_len = strnlen(text, sizeof(machine.input));
	memcpy(machine.input, text, machine.input_len);
}

size_t edge_console_read(char *buf, size_t len)
{
	size_t n = len < machine.input_len ? len : machine.input_len;

	memcpy(buf, machine.input, n);
	memmove(machine.input, machine.input + n, machine.input_len - n);
	machine.input_len -= n;
	return n;
}

static _Noreturn void machine_ends(const char *how)
{
	lock_order_forget();
	if (hosted_jump_armed)
		__builtin_longjmp(hosted_jump, 1);
	fprintf(stderr, "%s\n", machine.console);
	broken(how);
}

void edge_machine_restart(bool reboot)
{
	machine_ends(reboot ? "the machine reboots" : "the machine powers off");
}

void edge_die(void)
{
	machine_ends("panic");
}
