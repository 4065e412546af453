/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For Eva: a machine around a handler. Domains and vCPUs whose numbers and bytes are anything; what the core, the guest's devices and the policy answer
 * is anything that their headers allow, and what they are given must have a value. Other CPUs write what is atomic (include/stdatomic.h).
 * Locking: none. Trust: proofs only.
 */
#include "guest.c"
#include <handlers.h>
#include <hv/audit.h>
#include <hv/console.h>
#include <hv/evtchn.h>
#include <hv/foreign.h>
#include <hv/grant.h>
#include <hv/guest.h>
#include <hv/mm.h>
#include <hv/options.h>
#include <hv/timer.h>

#define HEAP_BYTES (4096u << 10)		/* the most that a handler asks for */

struct boot_options options;
unsigned int cpu_count;
mfn_t frame_table_end;
uint32_t domain_count;
static struct cpuid_leaf_set cpuid_leaves;
static uint8_t heap[HEAP_BYTES], page[PAGE_SIZE];
static struct e820entry_like memory_map[128];

static uint32_t any_below(uint32_t n) { return any_u32 % n; }

static void (*head_says)(void *head);	/* what of a head is not just anything, this turn */
static struct hypercall *call_regs;
static uint32_t turn;
static bool heap_is_wide;		/* of how much memory is asked for, Eva knows bounds alone: more is there than was asked for */

/* Whatever is a pointer, or bounded, is put back in order. */
static void any_vcpu(struct vcpu *v, struct domain *d)
{
	void *const some_page[] = { page, NULL };

	guest_fill(v, sizeof(*v));
	v->domain = d;
	v->id = any_below(MAX_VCPUS);
	v->info = some_page[any_below(2)];
}

static void any_domain(struct domain *d, struct vcpu *v, struct vcpu *w)
{
	struct vcpu *const some_vcpu[] = { v, w, NULL };
	void *const some_page[] = { page, NULL };

	guest_fill(d, sizeof(*d));
	d->max_vcpus = 1 + any_below(MAX_VCPUS);
	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		d->vcpu[i] = some_vcpu[any_below(3)];
	d->cpuid = &cpuid_leaves;
	d->shared_info = some_page[any_below(2)];
	d->e820_nr = any_below(129);
	d->e820 = memory_map;
	any_vcpu(v, d);
	any_vcpu(w, d);
}

static void any_machine(void)
{
	any_domain(&guest_domains[0], &guest_vcpus[0], &guest_vcpus[1]);
	any_domain(&guest_domains[1], &guest_vcpus[2], &guest_vcpus[2]);
	guest_fill(&cpuid_leaves, sizeof(cpuid_leaves));
	cpuid_leaves.nr = any_below(CPUID_MAX_LEAVES + 1);
	guest_fill(memory_map, sizeof(memory_map));
	guest_fill(&options, sizeof(options));
	guest_fill(cpus, sizeof(cpus));
	cpu_count = 1 + any_below(MAX_CPUS);
	frame_table_end = 1 + any_below(FRAMES_MAX);
	domain_count = any_u32;
}

/* As the dispatcher does: of the head, what the row names is there, and no byte more. */
static void call(op_handler handler, size_t size)
{
	uint64_t head[OP_HEAD_MAX / 8];
	struct hypercall hc;

	any_machine();
	guest_start(&hc);
	if (size)
		guest_fill(head, size);
	call_regs = &hc;
	if (head_says)
		head_says(head);
	handler(NULL, size ? head : NULL, &hc);
	if (size)
		guest_look(head, size);
}

/* Each number below `n` by itself, then all others at once: Eva knows no sum of two numbers that are not known. */
static uint32_t in_turn(uint32_t value, uint32_t n) { return turn < n ? turn : value < n ? n : value; }
static void call_in_turn(void (*one)(void), void (*says)(void *head), uint32_t n)
{
	head_says = says;
	/*@ loop unroll 4096; */
	for (turn = 0; turn <= n; turn++) {
		/*@ slevel merge; */
		one();
	}
	head_says = NULL;
}

#define LEAF(hc, op, n, sub, type, target, at, c, p, denied, flags) static inline void call_##hc##_##op(void) { call(op_##hc##_##op, sizeof(type)); }
#include <operations.def>

/* A number that is given must have a value. */
static void look(uint64_t value) { volatile uint64_t used = value; }

/* --- core ----------------------------------------------------------------------------------------------------------------- */
static void *any_heap(size_t size)
{
	/*@ assert bounded: size <= HEAP_BYTES; */
	if (any_bool)
		return NULL;
	guest_fill(heap, sizeof(heap));
	return heap_is_wide ? heap : heap + HEAP_BYTES - size;	/* what is behind it is not there */
}

void *heap_alloc(struct domain *payer, size_t size) { return any_heap(size); }
void heap_free(struct domain *payer, void *p) { }
void *heap_alloc_pages(struct domain *payer, unsigned int order) { return any_heap(PAGE_SIZE << order); }
void heap_free_pages(struct domain *payer, void *va, unsigned int order) { }
mfn_t heap_va_to_mfn(const void *va) { return any_u64; }
uint64_t heap_pages_free(void) { return any_u64; }
bool frame_get(mfn_t mfn) { look(mfn); return any_bool; }
void frame_put(mfn_t mfn) { look(mfn); }
uint64_t guest_pages_free(void) { return any_u64; }
uint64_t guest_pages_total(void) { return any_u64; }
uint64_t guest_pages_claimed(void) { return any_u64; }
int guest_translate(struct vcpu *v, gva_t va, bool write, gpa_t *gpa) { look(va); *gpa = any_u64; return guest_status(); }
int guest_page_pin(struct domain *d, gfn_t gfn, mfn_t *mfn, void **va)
{
	look(gfn);
	guest_fill(page, sizeof(page));
	*mfn = any_u64;
	*va = page;
	return guest_status();
}

struct p2m_entry p2m_lookup(struct domain *d, gfn_t gfn) { look(gfn); return (struct p2m_entry){ any_u64, any_below(P2M_MMIO + 1), any_bool }; }
mfn_t p2m_get_frame(struct domain *d, gfn_t gfn, bool write, enum p2m_type *type) { look(gfn); *type = any_below(P2M_MMIO + 1); return any_u64; }
int p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, enum p2m_type type, unsigned int order) { look(gfn + mfn + type + order); return guest_status(); }
int p2m_clear(struct domain *d, gfn_t gfn, mfn_t expect, enum p2m_type type) { look(gfn + expect + type); return guest_status(); }
int p2m_clear_foreign(struct domain *d, gfn_t gfn, mfn_t expect) { look(gfn + expect); return guest_status(); }
int p2m_take(struct domain *d, gfn_t gfn, mfn_t expect, enum p2m_type type, mfn_t *mfn)
{
	look(gfn + expect + type);
	if (any_bool)
		return -XEN_ENOENT;
	*mfn = any_u64;
	return 0;
}
void edge_guest_flush_wait(struct domain *d) { }
int foreign_map(struct domain *mapper, gfn_t at, struct domain *owner, gfn_t gfn) { look(at + gfn + owner->id); return guest_status(); }
int foreign_map_shared(struct domain *mapper, gfn_t at, mfn_t mfn) { look(at + mfn); return guest_status(); }
mfn_t grant_frame_get(struct domain *d, uint32_t idx, bool grow) { look(idx); return any_u64; }
_Atomic gfn_t *grant_frame_place(struct domain *d, uint32_t idx) { static _Atomic gfn_t place; look(idx); place = any_u64; return &place; }
uint32_t grant_max_frames(struct domain *d) { return any_u32; }

int domain_create(const struct domain_config *c, struct domain **out) { guest_look(c->handle, sizeof(c->handle)); *out = &guest_domains[1]; return guest_status(); }
int domain_destroy(struct domain *d) { look(d->id); return guest_status(); }
void domain_pause(struct domain *d) { look(d->id); }
void domain_unpause(struct domain *d) { look(d->id); }
void domain_resume(struct domain *d) { look(d->id); }
void domain_shutdown(struct domain *d, uint32_t reason) { look(d->id + reason); }
void domain_vcpu_down(struct domain *d, struct vcpu *v) { look(d->id + v->id); }
bool domain_is_quiet(const struct domain *d) { look(d->id); return any_bool; }
void domain_sched_set(struct domain *d, uint32_t weight, uint32_t cap) { look(d->id + weight + cap); }
uint64_t domain_cpu_time(const struct domain *d) { look(d->id); return any_u64; }
int vcpu_create(struct domain *d, unsigned int id) { look(id); d->vcpu[id] = NULL; return guest_status(); }
void vcpu_up(struct vcpu *v) { look(v->id); }
void vcpu_down(struct vcpu *v) { look(v->id); }
void vcpu_pause(struct vcpu *v) { look(v->id); }
void vcpu_unpause(struct vcpu *v) { look(v->id); }
void vcpu_block(struct vcpu *v) { look(v->id); }
void vcpu_yield(struct vcpu *v) { look(v->id); }
void vcpu_update_areas(struct vcpu *v) { look(v->id); }
bool vcpu_is_running(const struct vcpu *v) { look(v->id); return any_bool; }
void vcpu_get_runstate(struct vcpu *v, struct vcpu_runstate_info *out) { look(v->id); guest_fill(out, sizeof(*out)); }
int vcpu_set_affinity(struct vcpu *v, uint64_t hard, uint64_t soft) { look(v->id + hard + soft); return guest_status(); }
void pvclock_update(struct vcpu *v) { look(v->id); }
void pvclock_update_wallclock(struct domain *d) { look(d->id); }
void pvclock_set_wallclock(uint64_t secs, uint32_t nsecs, uint64_t system_time) { look(secs + nsecs + system_time); }
void timer_init(struct timer *t, void (*fn)(void *), void *data) { *t = (struct timer){ .fn = fn, .data = data }; }
void timer_set(struct timer *t, uint64_t deadline) { t->deadline = deadline; }
void timer_stop(struct timer *t) { t->queued = false; }
uint64_t edge_now_ns(void) { return any_u64; }
uint64_t edge_tsc_khz(void) { return any_u64; }

/* --- event channels ------------------------------------------------------------------------------------------------------- */
int evtchn_alloc_unbound(struct authz *az, domid_t local_id, domid_t remote_id, evtchn_port_t *port) { look((uint64_t)local_id + remote_id); *port = any_u32; return guest_status(); }
int evtchn_bind_interdomain(struct authz *az, domid_t remote_id, evtchn_port_t rport, evtchn_port_t *lport) { look((uint64_t)remote_id + rport); *lport = any_u32; return guest_status(); }
bool evtchn_virq_is_global(uint32_t virq)
{
	/*@ assert bounded: virq < NR_VIRQS; */
	return any_bool;
}
int evtchn_bind_virq(struct domain *d, uint32_t virq, uint32_t vcpu, evtchn_port_t *port)
{
	/*@ assert bounded: virq < NR_VIRQS; */
	look(vcpu);
	*port = any_u32;
	return guest_status();
}
int evtchn_bind_ipi(struct domain *d, uint32_t vcpu, evtchn_port_t *port) { look(vcpu); *port = any_u32; return guest_status(); }
int evtchn_bind_vcpu(struct domain *d, evtchn_port_t port, uint32_t vcpu) { look((uint64_t)port + vcpu); return guest_status(); }
int evtchn_close(struct domain *d, evtchn_port_t port) { look(port); return guest_status(); }
int evtchn_send(struct authz *az, struct domain *d, evtchn_port_t port) { look(port); return guest_status(); }
int evtchn_unmask(struct domain *d, evtchn_port_t port) { look(port); return guest_status(); }
int evtchn_status(struct authz *az, struct domain *d, struct evtchn_status *s) { look((uint64_t)s->port + d->id); guest_fill(s, sizeof(*s)); return guest_status(); }
int evtchn_reset(struct domain *d) { look(d->id); return guest_status(); }
int evtchn_fifo_init_control(struct domain *d, struct evtchn_init_control *op) { look(op->control_gfn + op->vcpu + op->offset); op->link_bits = any_byte; return guest_status(); }
int evtchn_fifo_expand_array(struct domain *d, gfn_t gfn) { look(gfn); return guest_status(); }
int evtchn_fifo_set_priority(struct domain *d, evtchn_port_t port, uint32_t priority) { look((uint64_t)port + priority); return guest_status(); }
int evtchn_poll(struct vcpu *v, const evtchn_port_t *ports, unsigned int nr, uint64_t timeout_ns) { guest_look(ports, nr * sizeof(*ports)); look(timeout_ns); return guest_status(); }
bool evtchn_pending(const struct vcpu *v) { look(v->id); return any_bool; }
void evtchn_vcpu_info_moved(struct vcpu *v) { look(v->id); }

/* --- the machine a guest sees ----------------------------------------------------------------------------------------------- */
const struct cpuid_leaf_set *cpuid_policy_max(void) { return &cpuid_leaves; }
int cpuid_domain_set(struct domain *d, const struct cpuid_leaf *leaves, uint32_t nr, uint32_t *err_leaf, uint32_t *err_subleaf)
{
	guest_look(leaves, nr * sizeof(*leaves));
	*err_leaf = *err_subleaf = any_u32;
	return guest_status();
}
void edge_vcpu_get_context(struct vcpu *v, struct cpu_context *c) { look(v->id); guest_fill(c, sizeof(*c)); }
int edge_vcpu_set_context(struct vcpu *v, const struct cpu_context *c) { look(c->pat + c->regs.rip + c->fpu_valid); return guest_status(); }
bool guest_pat_valid(uint64_t val) { look(val); return any_bool; }
void guest_nmi_set(struct vcpu *v) { look(v->id); }
void lapic_set_irq(struct vcpu *v, uint8_t vector, bool level) { look(v->id + vector); }

/* --- console ---------------------------------------------------------------------------------------------------------------- */
void log_print(enum log_level level, const char *fmt, ...) { }
void guest_log_write(struct vcpu *v, const char *text, size_t n) { guest_look(text, n); }
void console_write_terminal(const char *text, size_t len) { guest_look(text, len); }
void console_clear_ring(void) { }
/* All of a chunk gets a value, so that more is used than was given is not found here. */
static inline size_t any_text(char *buf, size_t len, size_t chunk)
{
	guest_fill(buf, len);
	guest_fill(buf, chunk);
	return any_below((uint32_t)len + 1);
}

/* --- the gate, beyond guest.c -------------------------------------------------------------------------------------------------- */
int gate_open_next(struct authz *az, domid_t at_least, enum perm p, struct domain **out) { return gate_open_domain_both(az, at_least, p, PERM_INVALID, out); }
int gate_create_label(struct authz *az, sid_t ssidref, sid_t *build, sid_t *run) { look(ssidref); *build = any_u32; *run = any_u32; return guest_status(); }
int gate_start_domain(struct authz *az, struct domain *d) { look(d->id); return guest_status(); }
int gate_settle_label(struct domain *d) { look(d->id); return guest_status(); }
int gate_relabel_domain(struct authz *az, domid_t id, sid_t sid) { look((uint64_t)id + sid); return guest_status(); }
int gate_quiesce(struct gate_quiesce *q) { q->started = true; return guest_status(); }
