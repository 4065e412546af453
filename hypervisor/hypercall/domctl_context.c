/* SPDX-License-Identifier: Apache-2.0 */
/*
 * domctl: HVM contexts: the records HEADER, CPU and MTRR by which a toolstack gives a new domain
 * its first registers and reads them back.
 * Locking: none; the domain is paused and none of its vCPUs is loaded.
 * Trust: a blob is copied once, checked whole, then taken; the edge refuses what the processor
 * would. The vCPU of the last CPU record of the last call is up, as on Xen: a failure leaves vCPUs
 * down.
 */
#include "control_op.h"

#include <hv/guest.h>
#include <hv/guestmem.h>
#include <hv/mm.h>
#include <hv/string.h>
#include <xen/hvm/save.h>

#define BLOB_ORDER_MAX 6u
#define BLOB_BYTES_MAX (PAGE_SIZE << BLOB_ORDER_MAX)

static void cpu_segments_save(struct hvm_hw_cpu *r, const struct cpu_context *c)
{
#define SEGMENT(s) \
	r->s##_sel = c->s.sel; \
	r->s##_limit = c->s.limit; \
	r->s##_base = c->s.base; \
	r->s##_arbytes = c->s.attr
	SEGMENT(cs);
	SEGMENT(ds);
	SEGMENT(es);
	SEGMENT(fs);
	SEGMENT(gs);
	SEGMENT(ss);
	SEGMENT(tr);
	SEGMENT(ldtr);
#undef SEGMENT
	r->idtr_limit = c->idtr.limit;
	r->idtr_base = c->idtr.base;
	r->gdtr_limit = c->gdtr.limit;
	r->gdtr_base = c->gdtr.base;
}

static void cpu_segments_load(struct cpu_context *c, const struct hvm_hw_cpu *r)
{
#define SEGMENT(s) \
	c->s = (struct guest_segment){ .sel = (uint16_t)r->s##_sel, \
				       .attr = (uint16_t)(r->s##_arbytes & 0xfff), \
				       .limit = r->s##_limit, \
				       .base = r->s##_base }
	SEGMENT(cs);
	SEGMENT(ds);
	SEGMENT(es);
	SEGMENT(fs);
	SEGMENT(gs);
	SEGMENT(ss);
	SEGMENT(tr);
	SEGMENT(ldtr);
#undef SEGMENT
	c->idtr = (struct guest_segment){ .limit = r->idtr_limit, .base = r->idtr_base };
	c->gdtr = (struct guest_segment){ .limit = r->gdtr_limit, .base = r->gdtr_base };
}

/* Fields that have the same name on both sides. */
#define CPU_GENERAL(X) \
	X(rax) X(rbx) X(rcx) X(rdx) X(rbp) X(rsi) X(rdi) X(rsp) X(r8) X(r9) X(r10) X(r11) X(r12) \
	X(r13) X(r14) X(r15) X(rip) X(rflags)
#define CPU_CONTROL(X) \
	X(cr0, cr0) X(cr2, cr2) X(cr3, cr3) X(cr4, cr4) X(dr6, dr6) X(dr7, dr7) X(tsc, tsc) \
	X(sysenter_cs, sysenter_cs) X(sysenter_esp, sysenter_esp) X(sysenter_eip, sysenter_eip) \
	X(shadow_gs, kernel_gs_base) X(msr_lstar, lstar) X(msr_star, star) X(msr_cstar, cstar) \
	X(msr_syscall_mask, sfmask) X(msr_efer, efer) X(pending_event, pending_event) \
	X(error_code, error_code)

static void cpu_save(struct vcpu *v, struct hvm_hw_cpu *r)
{
	struct cpu_context c;

	edge_vcpu_get_context(v, &c);
	memset(r, 0, sizeof(*r));
#define X(f) r->f = c.regs.f;
	CPU_GENERAL(X)
#undef X
#define X(theirs, ours) r->theirs = c.ours;
	CPU_CONTROL(X)
#undef X
	cpu_segments_save(r, &c);
	if (c.fpu_valid) {
		memcpy(r->fpu_regs, c.fpu, sizeof(r->fpu_regs));
		r->flags = XEN_X86_FPU_INITIALISED;
	}
}

/*@ requires vcpu_wp: v != \null; assigns \nothing; */
static int cpu_load(struct vcpu *v, const struct hvm_hw_cpu *r)
{
	struct cpu_context c;

	edge_vcpu_get_context(v, &c);
#define X(f) c.regs.f = r->f;
	CPU_GENERAL(X)
#undef X
#define X(theirs, ours) c.ours = r->theirs;
	CPU_CONTROL(X)
#undef X
	cpu_segments_load(&c, r);
	c.fpu_valid = r->flags & XEN_X86_FPU_INITIALISED;
	if (c.fpu_valid)
		memcpy(c.fpu, r->fpu_regs, sizeof(c.fpu));
	return edge_vcpu_set_context(v, &c);
}

static void mtrr_save(struct vcpu *v, struct hvm_hw_mtrr *r)
{
	struct cpu_context c;

	edge_vcpu_get_context(v, &c);
	*r = (struct hvm_hw_mtrr){ .msr_pat_cr = c.pat,
				   .msr_mtrr_cap = 0x508,
				   .msr_mtrr_def_type = v->mtrr_def_type };
	for (unsigned int i = 0; i < MTRR_VCNT; i++) {
		r->msr_mtrr_var[2 * i] = v->mtrr_base[i];
		r->msr_mtrr_var[2 * i + 1] = v->mtrr_mask[i];
	}
	memcpy(r->msr_mtrr_fixed, v->mtrr_fixed, sizeof(r->msr_mtrr_fixed));
}

/*@ requires vcpu_wp: v != \null; assigns \nothing; */
static int mtrr_load(struct vcpu *v, const struct hvm_hw_mtrr *r)
{
	struct cpu_context c;
	int rc;

	if (!guest_pat_valid(r->msr_pat_cr))
		return -XEN_EINVAL;
	edge_vcpu_get_context(v, &c);
	c.pat = r->msr_pat_cr;
	rc = edge_vcpu_set_context(v, &c);
	if (rc)
		return rc;
	for (unsigned int i = 0; i < MTRR_VCNT; i++) {
		v->mtrr_base[i] = r->msr_mtrr_var[2 * i];
		v->mtrr_mask[i] = r->msr_mtrr_var[2 * i + 1];
	}
	memcpy(v->mtrr_fixed, r->msr_mtrr_fixed, sizeof(v->mtrr_fixed));
	v->mtrr_def_type = r->msr_mtrr_def_type & 0xcff;
	return 0;
}

struct sink {
	struct vcpu *caller;
	gva_t at;
	uint32_t left, used;
};

/* A record behind its descriptor; without room, only counted. */
static int sink_record(struct sink *s, uint16_t code, uint16_t instance, const void *data,
		       uint32_t len)
{
	struct hvm_save_descriptor d = { .typecode = code, .instance = instance, .length = len };
	int rc = 0;

	s->used += (uint32_t)sizeof(d) + len;
	if (!s->at)
		return 0;
	if (s->left < sizeof(d) + len)
		return -XEN_ENOSPC;
	rc = guest_copy_out(s->caller, s->at, &d, sizeof(d));
	if (rc == 0)
		rc = guest_copy_out(s->caller, s->at + sizeof(d), data, len);
	s->at += sizeof(d) + len;
	s->left -= (uint32_t)sizeof(d) + len;
	return rc;
}

static int save_header(struct sink *s, const struct domain *d)
{
	struct hvm_save_header h = { .magic = HVM_FILE_MAGIC,
				     .version = HVM_FILE_VERSION,
				     .gtsc_khz = (uint32_t)d->tsc_khz };

	return sink_record(s, HVM_SAVE_CODE(HEADER), 0, &h, sizeof(h));
}

static int save_cpu(struct sink *s, struct vcpu *v)
{
	struct hvm_hw_cpu r = { 0 };

	if (s->at)
		cpu_save(v, &r);
	return sink_record(s, HVM_SAVE_CODE(CPU), (uint16_t)v->id, &r, sizeof(r));
}

static int save_mtrr(struct sink *s, struct vcpu *v)
{
	struct hvm_hw_mtrr r = { 0 };

	if (s->at)
		mtrr_save(v, &r);
	return sink_record(s, HVM_SAVE_CODE(MTRR), (uint16_t)v->id, &r, sizeof(r));
}

static int context_save(struct sink *s, const struct domain *d)
{
	int rc = save_header(s, d);

	for (unsigned int i = 0; i < d->max_vcpus && rc == 0; i++)
		if (d->vcpu[i] && (vcpu_is_online(d->vcpu[i]) || !s->at))
			rc = save_cpu(s, d->vcpu[i]);
	for (unsigned int i = 0; i < d->max_vcpus && rc == 0; i++)
		if (d->vcpu[i])
			rc = save_mtrr(s, d->vcpu[i]);
	return rc ? rc : sink_record(s, HVM_SAVE_CODE(END), 0, NULL, 0);
}

int64_t op_domctl_gethvmcontext(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct domain *d = authz_target(az);
	struct sink s = {
		.caller = authz_vcpu(az),
		.at = HANDLE_VA(op->u.hvmcontext.buffer),
		.left = op->u.hvmcontext.size,
	};
	int rc;

	if (d == authz_self(az))
		return -XEN_EINVAL;
	rc = control_quiet_begin(d);
	if (rc)
		return rc;
	rc = context_save(&s, d);
	control_quiet_end(d);
	op->u.hvmcontext.size = s.used;
	return rc;
}

union record {
	struct hvm_save_descriptor descriptor;
	struct hvm_save_header header;
	struct hvm_hw_cpu cpu;
	struct hvm_hw_mtrr mtrr;
};

/* One record, without a descriptor. */
int64_t op_domctl_gethvmcontext_partial(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct xen_domctl_hvmcontext_partial *p = &op->u.hvmcontext_partial;
	bool cpu = p->type == HVM_SAVE_CODE(CPU);
	size_t len = cpu ? sizeof(struct hvm_hw_cpu) : sizeof(struct hvm_hw_mtrr);
	struct domain *d = authz_target(az);
	struct vcpu *v = control_vcpu(d, p->instance);
	uint64_t room = p->bufsz;
	union record r;
	int rc;

	if (d == authz_self(az) || (!cpu && p->type != HVM_SAVE_CODE(MTRR)))
		return -XEN_EINVAL;
	if (!v)
		return -XEN_ENOENT;
	p->bufsz = len;
	if (HANDLE_VA(p->buffer) == 0)
		return 0;
	if (room < len)
		return -XEN_ENOSPC;
	rc = control_quiet_begin(d);
	if (rc)
		return rc;
	if (cpu)
		cpu_save(v, &r.cpu);
	else
		mtrr_save(v, &r.mtrr);
	control_quiet_end(d);
	return guest_copy_out(authz_vcpu(az), HANDLE_VA(p->buffer), &r, len);
}

struct blob {
	const uint8_t *data;
	uint32_t size, pos;
};

struct found {
	const uint8_t *data;
	uint32_t len;
	uint16_t type;
	struct vcpu *v;			/* CPU and MTRR: whose */
};

/*@
  predicate blob_ok{L}(struct blob *b) = \valid(b) && b->pos <= b->size <= BLOB_BYTES_MAX && \valid_read(b->data + (0 .. b->size - 1));
  // What a record is taken for, as much of it is there; and the vCPU.
  predicate found_ok{L}(struct found *f) = \valid_read(f->data + (0 .. f->len - 1)) &&
    (f->type == HVM_SAVE_CODE(HEADER) ==> f->len == sizeof(struct hvm_save_header)) &&
    (f->type == HVM_SAVE_CODE(CPU) ==> f->len == sizeof(struct hvm_hw_cpu) && f->v != \null) &&
    (f->type == HVM_SAVE_CODE(MTRR) ==> f->len == sizeof(struct hvm_hw_mtrr) && f->v != \null);
*/

/*@ requires there_wp: \valid_read(data + (0 .. len - 1)) && len <= sizeof(union record); assigns \result \from \nothing; */
static union record bytes_as_record(const uint8_t *data, size_t len)
{
	union record r = { 0 };

	memcpy(&r, data, len);
	return r;
}

/*@ assigns \nothing; ensures is ==> \result == 0; ensures !is ==> \result == -XEN_EINVAL; */
static int valid(bool is)
{
	return is ? 0 : -XEN_EINVAL;
}

/*@ requires there_wp: \valid_read(f) && \valid_read(f->data + (0 .. f->len - 1)); assigns \nothing; ensures \result == 0 ==> found_ok(f); */
static int found_check(const struct found *f)
{
	struct hvm_save_header h;

	switch (f->type) {
	case HVM_SAVE_CODE(HEADER):
		if (f->len != sizeof(h))
			return -XEN_EINVAL;
		h = bytes_as_record(f->data, sizeof(h)).header;
		return valid(h.magic == HVM_FILE_MAGIC && h.version == HVM_FILE_VERSION);
	case HVM_SAVE_CODE(CPU):
		return valid(f->len == sizeof(struct hvm_hw_cpu) && f->v);
	case HVM_SAVE_CODE(MTRR):
		return valid(f->len == sizeof(struct hvm_hw_mtrr) && f->v);
	case HVM_SAVE_CODE(END):
		return valid(f->len == 0);
	}
	return f->type <= HVM_SAVE_CODE_MAX ? -XEN_EOPNOTSUPP : -XEN_EINVAL;
}

/* The next record: a header exactly at the beginning, and one that can be taken. */
/*@
  requires whole_wp: blob_ok(b) && \valid(f) && \valid_read(d) && \separated(b, f, d);
  assigns b->pos, f->data, f->len, f->type, f->v;
  ensures \result == 0 ==> blob_ok(b);
  ensures \result == 0 ==> b->pos > \old(b->pos);
  ensures \result == 0 ==> found_ok(f);
*/
static int blob_next(struct blob *b, const struct domain *d, struct found *f)
{
	bool first = b->pos == 0;
	struct hvm_save_descriptor h;

	if (b->size - b->pos < sizeof(h))
		return -XEN_ENODATA;
	h = bytes_as_record(b->data + b->pos, sizeof(h)).descriptor;
	b->pos += (uint32_t)sizeof(h);
	if (h.length > b->size - b->pos)
		return -XEN_ENODATA;
	f->data = b->data + b->pos;
	f->len = h.length;
	f->type = h.typecode;
	f->v = control_vcpu(d, h.instance);
	b->pos += h.length;
	return first == (f->type == HVM_SAVE_CODE(HEADER)) ? found_check(f) : -XEN_EINVAL;
}

/*@ requires there_wp: \valid_read(f) && found_ok(f); assigns \nothing; */
static int found_load(const struct found *f)
{
	union record r;
	int rc = 0;

	if (f->type == HVM_SAVE_CODE(CPU)) {
		r = bytes_as_record(f->data, sizeof(r.cpu));
		if (r.cpu.pad0 || (r.cpu.flags & ~XEN_X86_FPU_INITIALISED))
			return -XEN_EINVAL;
		rc = cpu_load(f->v, &r.cpu);
		if (rc == 0)
			vcpu_up(f->v);
	} else if (f->type == HVM_SAVE_CODE(MTRR)) {
		r = bytes_as_record(f->data, sizeof(r.mtrr));
		rc = mtrr_load(f->v, &r.mtrr);
	}
	return rc;
}

/* Each record up to the end; twice, to take nothing of a blob that is not good. */
/*@ requires whole_wp: b.pos == 0 && b.size <= BLOB_BYTES_MAX && \valid_read(b.data + (0 .. b.size - 1)) && \valid_read(d); assigns \nothing; */
static int blob_walk(struct blob b, const struct domain *d, bool load)
{
	struct found f;
	int rc;

	/*@ loop invariant whole_wp: blob_ok(&b); loop assigns b.pos, f.data, f.len, f.type, f.v, rc; loop variant b.size - b.pos; */
	do {
		rc = blob_next(&b, d, &f);
		if (rc == 0 && load)
			rc = found_load(&f);
	} while (rc == 0 && f.type != HVM_SAVE_CODE(END));
	return rc;
}

/*@ assigns \nothing; */
static void vcpus_down(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i] && vcpu_is_online(d->vcpu[i]))
			vcpu_down(d->vcpu[i]);
}

/*@ requires size <= BLOB_BYTES_MAX; assigns \nothing; ensures \result <= BLOB_ORDER_MAX && size <= heap_bytes(\result); */
static unsigned int blob_order(uint32_t size)
{
	unsigned int order = 0;

	/*@ loop invariant bytes_wp: order <= BLOB_ORDER_MAX && bytes == heap_bytes(order); loop assigns order, bytes; loop variant BLOB_ORDER_MAX - order; */
	for (size_t bytes = PAGE_SIZE; bytes < size; bytes *= 2)
		order++;
	return order;
}

/* Two toolstacks at once take turns: the lock. */
/*@ requires whole_wp: b.pos == 0 && b.size <= BLOB_BYTES_MAX && \valid_read(b.data + (0 .. b.size - 1)) && \valid(d); assigns d->lock; */
static int context_load(struct domain *d, struct blob b)
{
	int rc = blob_walk(b, d, false);

	if (rc == 0)
		rc = control_quiet_begin(d);
	if (rc)
		return rc;
	spin_lock(&d->lock);
	vcpus_down(d);
	rc = blob_walk(b, d, true);
	spin_unlock(&d->lock);
	control_quiet_end(d);
	return rc;
}

/*@
  requires size <= BLOB_BYTES_MAX && \valid(d) && \valid_read(v) && \valid_read(v->domain);
  requires older_wp: heap_age(\base_addr(v)) < heap_clock && heap_age(\base_addr(d)) < heap_clock;
  assigns heap_clock, d->lock, guest_window[0 .. PAGE_SIZE - 1], { *p | char *p; heap_age(\base_addr(p)) >= \at(heap_clock, Pre) };
*/
static int context_copy(struct domain *d, struct vcpu *v, gva_t at, uint32_t size)
{
	unsigned int order = blob_order(size);
	struct blob b = { .size = size };
	void *copy = heap_alloc_pages(d, order);
	int rc;

	if (copy == NULL)
		return -XEN_ENOMEM;
	b.data = copy;
	rc = guest_copy_in(v, copy, at, size);
	if (rc == 0)
		rc = context_load(d, b);
	heap_free_pages(d, copy, order);
	return rc;
}

int64_t op_domctl_sethvmcontext(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	struct domain *d = authz_target(az);
	uint32_t size = op->u.hvmcontext.size;

	if (d == authz_self(az) || size > BLOB_BYTES_MAX || domain_is_dying(d))
		return -XEN_EINVAL;
	return context_copy(d, authz_vcpu(az), HANDLE_VA(op->u.hvmcontext.buffer), size);
}
