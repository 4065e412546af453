/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test guest: a small PVH kernel that runs test cases named on its command line.
 * Locking: one vCPU but where a test starts more. Trust: a guest; nothing here is trusted by anybody.
 */
#ifndef TESTS_GUEST_H
#define TESTS_GUEST_H

#include <abi/pvh.h>
#include <hv/string.h>
#include <hv/types.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

#define TRAMPOLINE_GPA	0x8000u
#define STACK_BYTES	0x4000u
#define GUEST_CPUS	8u
#define CPU_KHZ_UNKNOWN	0u

/* --- a test: 0, or the line that failed (CHECK) -------------------------------------------------------------------- */
struct guest_test {
	const char *name;
	int (*run)(void);
};
extern const struct guest_test guest_tests[];
extern const unsigned int guest_tests_nr;

#define CHECK(cond) do { if (!(cond)) { say("guest: %s:%d: %s", __FILE__, __LINE__, #cond); return __LINE__; } } while (0)
#define CHECK_EQ(have, want) do { long have_ = (long)(have), want_ = (long)(want); if (have_ != want_) { \
	say("guest: %s:%d: %s is %ld, not %ld", __FILE__, __LINE__, #have, have_, want_); return __LINE__; } } while (0)
/* CHECK_OK(call): the call returns 0 */
#define CHECK_OK(call) CHECK_EQ(call, 0)

/* --- main.c ------------------------------------------------------------------------------------------------------------ */
extern const struct pvh_start_info *start_info;
extern const char *command_line;
bool is_dom0(void);
bool is_bare(void);		/* no hypervisor with this interface: QEMU itself */
domid_t own_domid(void);
/* The number behind "name=" on the command line. */
uint64_t argument(const char *name, uint64_t otherwise);
const char *argument_text(const char *name);		/* up to the next blank; NULL if absent */
_Noreturn void guest_shutdown(unsigned int reason);
void guest_main(const struct pvh_start_info *info);

/* --- console.c --------------------------------------------------------------------------------------------------------- */
void say(const char *fmt, ...) __printf(1, 2);		/* one line */

/* --- memory.c: pages behind the image, and guest-physical addresses where no RAM is ------------------------------------ */
void memory_init(void);
void *page_alloc(unsigned int pages);			/* zeroed, never freed; panics when out */
uint64_t scratch_gpa(unsigned int pages);		/* unpopulated, identity-mapped, never freed */
static inline uint64_t gfn_of(const void *p)
{
	return (uint64_t)p >> PAGE_SHIFT;
}

/* --- trap.c -------------------------------------------------------------------------------------------------------------- */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error, rip, cs, rflags, rsp, ss;
};
void trap_init(void);
void trap_load(void);					/* this CPU's IDT register */
void trap_handle(struct trap_frame *f);
extern void (*irq_handler[256])(struct trap_frame *f);
extern volatile uint64_t irq_count[256];

/* An instruction that may fault: true if it did. */
bool wrmsr_safe(uint32_t msr, uint64_t value);
bool rdmsr_safe(uint32_t msr, uint64_t *value);
/* The four breakpoint addresses, none of them enabled: first, first + 1, …; do they still hold that? */
void debug_set(uint64_t first);
bool debug_holds(uint64_t first);

/* --- smp.c ---------------------------------------------------------------------------------------------------------------- */
void lapic_enable(void);				/* this CPU's, in x2APIC mode */
void lapic_eoi(void);
void lapic_write(uint32_t reg, uint64_t value);		/* register number as in the xAPIC page / 16 */
uint64_t lapic_read(uint32_t reg);
void lapic_timer(uint32_t mode, uint8_t vector, uint32_t count);	/* mode: bits 17, 18 of the LVT */
/* Starts vCPU `cpu`, which runs fn(arg) once with interrupts off; false if it does not answer. */
bool cpu_start(unsigned int cpu, void (*fn)(void *), void *arg);
void guest_ap_main(void);
unsigned int cpu_self(void);

/* --- events.c: shared_info, upcall vector, ports -------------------------------------------------------------------------- */
#define UPCALL_VECTOR 0xf3
extern struct shared_info *shared_info;
int events_init(void);					/* maps shared_info, sets the callback; once */
extern volatile uint64_t upcalls;
void event_mask(uint32_t port, bool masked);		/* two-level layout */
bool event_take(uint32_t port);				/* clears the pending bit; was it set? */

/* --- small machine words --------------------------------------------------------------------------------------------------- */
static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}
static inline void cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
	__asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(sub));
}
static inline void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}
static inline void outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}
static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline void irq_on(void)
{
	__asm__ volatile("sti" : : : "memory");
}
static inline void irq_off(void)
{
	__asm__ volatile("cli" : : : "memory");
}
/* Not PAUSE behind STI: emulators keep the interrupt shadow over it. */
static inline void irq_window(void)
{
	__asm__ volatile("sti; nop; nop; cli" : : : "memory");
}
static inline void halt_once(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}
static inline void relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}
uint64_t random64(void);				/* not random: repeatable, seed= */
/* Nanoseconds by the pvclock of vCPU 0, or an estimate from TSC before events_init(). */
uint64_t now_ns(void);
void delay_ms(unsigned int ms);
/* Waits until *counter >= want, halting in between; false after ms. A periodic timer must run. */
bool wait_for(volatile uint64_t *counter, uint64_t want, unsigned int ms);

/* --- hypercalls --------------------------------------------------------------------------------------------------------------- */
static inline long hypercall(uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	register uint64_t r10 __asm__("r10") = d;
	register uint64_t r8 __asm__("r8") = e;
	long rc;

	__asm__ volatile("vmmcall" : "=a"(rc), "+D"(a), "+S"(b), "+d"(c), "+r"(r10), "+r"(r8) : "0"(nr) : "memory");
	return rc;
}
#define hypercall1(nr, a) hypercall(nr, (uint64_t)(a), 0, 0, 0, 0)
#define hypercall2(nr, a, b) hypercall(nr, (uint64_t)(a), (uint64_t)(b), 0, 0, 0)
#define hypercall3(nr, a, b, c) hypercall(nr, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c), 0, 0)

#endif
