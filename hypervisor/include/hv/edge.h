/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hardware edge: all that core/, hypercall/, guest/ and xsm/ may ask of the machine. cpu/, svm/ (later vmx/) implement it;
 * tests/hosted/edge.c is the fake one. No other header of theirs is included by portable code.
 * Locking: callable with any lock held unless said otherwise. Trust: arguments come from the hypervisor, never straight from a guest.
 */
#ifndef HV_EDGE_H
#define HV_EDGE_H

#include <hv/types.h>

/* --- processor ------------------------------------------------------------------------------------------------ */
/*@ axiomatic edge { logic integer cpu_now reads \nothing; } */
/*@ assigns \nothing; ensures \result == cpu_now && \result < MAX_CPUS; */
unsigned int edge_cpu_id(void);			/* index of this CPU, 0 .. cpu_count-1 */
void edge_relax(void);				/* inside a spin loop */
void edge_cpu_kick(unsigned int cpu);		/* make that CPU leave guest mode or edge_idle() soon; harmless otherwise */
void edge_idle(void);				/* enable interrupts, wait for one, disable again; returns at once if cpu_work_pending() */
uint64_t edge_random(void);			/* best entropy the CPU has */
void edge_speculation_barrier_domain(void);	/* on a switch from one domain's vCPU to another's on this CPU */
/*@ assigns \nothing; ensures index < size ==> \result == UINT64_MAX && (index & \result) == index; ensures index >= size ==> \result == 0; */
uint64_t edge_array_index_mask(uint64_t index, uint64_t size);	/* all ones if index < size, else 0, without a branch */

/* --- time ------------------------------------------------------------------------------------------------------ */
uint64_t edge_tsc(void);
uint64_t edge_tsc_khz(void);
uint64_t edge_now_ns(void);			/* system time: ns since boot, monotonic across CPUs, derived from TSC with edge_tsc_to_ns_* */
uint32_t edge_tsc_mul(void);			/* pvclock scale: ns = ((tsc << shift) * mul) >> 32 (xen/xen.h, vcpu_time_info) */
int8_t edge_tsc_shift(void);
uint64_t edge_tsc_base(void);			/* TSC at system time 0 */
uint64_t edge_boot_wallclock_s(void);		/* seconds since 1970 at system time 0, from the CMOS clock */
void edge_timer_arm(uint64_t deadline_ns);	/* one-shot for this CPU, replaces the former; UINT64_MAX disarms */

/* --- memory ----------------------------------------------------------------------------------------------------- */
/*
 * Guest frames are not mapped. A window maps one frame, read-write, non-executable, for this CPU, until unmapped. Windows nest
 * (last mapped, first unmapped), at most EDGE_WINDOWS at once. No scheduling in between.
 */
#define EDGE_WINDOWS 4
/*@ ghost extern char guest_window[PAGE_SIZE]; */
/*@ assigns \nothing; ensures \result == (char *)guest_window; */
void *edge_window_map(mfn_t mfn);
/*@ assigns \nothing; */
void edge_window_unmap(void *va);
uint64_t edge_window_read(mfn_t mfn, unsigned int offset);	/* one aligned word, in one access */
/*@ requires frame_wp: mfn != (mfn_t)MFN_INVALID; assigns \nothing; */
/* One page mapped read-write, non-executable, for all CPUs until unmapped (vcpu_info, FIFO pages). The caller holds a frame reference. NULL: no slot. */
void *edge_pin_map(mfn_t mfn);
/*@ requires mapped_wp: va != \null; assigns \nothing; */
void edge_pin_unmap(void *va);

/* Second-level (nested) page tables. Tables are heap pages. */
enum p2m_type {
	P2M_INVALID = 0,	/* nothing there */
	P2M_RAM,		/* the domain's own page */
	P2M_FOREIGN,		/* another domain's page, reference held, writable */
	P2M_GRANT,		/* mapped through a grant, writable; owned by the grant table's map tracking */
	P2M_GRANT_RO,
	P2M_SHARED,		/* a hypervisor page shown to its domain: shared_info, grant frame */
	P2M_MMIO,		/* kept for device domains */
};

struct p2m_entry {
	mfn_t mfn;
	enum p2m_type type;
	bool leaf;		/* false: points to the next table (or empty: type P2M_INVALID and mfn MFN_INVALID) */
};
/*
 * What every format has in common (APM volume 2, 15.25; SDM volume 3, 29.3.2), so that looking up is the core's own business: without an access bit
 * nothing is there; the large bit says leaf above level 0; the frame's place; and four bits that are free for software, for enum p2m_type.
 */
#define P2M_PTE_ACCESS		7ull
#define P2M_PTE_LARGE		0x80ull
#define P2M_PTE_FRAME		0x000ffffffffff000ull
#define P2M_PTE_TYPE_SHIFT	52
/* Encode for level 0 (4 KiB) to 2 (1 GiB): leaf, or the link to a table. Access and caching follow from the type. */
uint64_t edge_p2m_encode(struct p2m_entry e, unsigned int level);
/*
 * After entries of d's p2m were removed or narrowed: no CPU uses a stale translation of d when it returns. Waits only for CPUs that
 * are executing d's vCPUs in guest mode right now; never for CPUs in the hypervisor (those flush before they re-enter).
 */
void edge_guest_flush_wait(struct domain *d);

/* --- virtual CPU ------------------------------------------------------------------------------------------------- */
struct cpu_context;		/* hv/vcpu.h: architectural state in the form domctl and HVM contexts use */
struct guest_paging {
	uint64_t cr0, cr3, cr4, efer;
	uint8_t cpl;
	bool long_mode;		/* 64-bit code segment in long mode */
	bool code32;			/* otherwise: 32-bit default operand size; 16-bit code if neither */
	uint64_t cs_base;		/* linear address of RIP = cs_base + rip, cut to 32 bits outside long mode */
};
int __must_check edge_vcpu_create(struct vcpu *v);	/* allocates v->arch (charged to v->domain); state = reset */
void edge_vcpu_destroy(struct vcpu *v);			/* v is not loaded anywhere */
void edge_vcpu_load(struct vcpu *v);			/* make v this CPU's loaded vCPU (FPU, MSRs); scheduler only */
void edge_vcpu_save(struct vcpu *v);			/* undo, state is in memory afterwards; scheduler only */
void edge_vcpu_run(struct vcpu *v);			/* enter the guest once, handle the exit; interrupts off on return */
void edge_vcpu_get_paging(const struct vcpu *v, struct guest_paging *p);	/* v is current or not running */
void edge_vcpu_get_context(struct vcpu *v, struct cpu_context *c);	/* v not running */
int __must_check edge_vcpu_set_context(struct vcpu *v, const struct cpu_context *c);	/* -XEN_EINVAL if the CPU would refuse it */

/* --- devices of the hypervisor's own ------------------------------------------------------------------------------- */
void edge_console_write(const char *buf, size_t len);	/* serial line, polled */
size_t edge_console_read(char *buf, size_t len);	/* bytes received since */
_Noreturn void edge_machine_restart(bool reboot);	/* reboot or power off / halt */
_Noreturn void edge_die(void);				/* after a panic message: stop all CPUs, reboot unless noreboot */

#endif
