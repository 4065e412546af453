/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For Eva: what a handler calls. A guest's memory holds anything at each look, or is not there; what goes out to it must have a value, each byte of it. The
 * gate, the scheduler and the allocator answer as they like, within what their headers say. Arrays: what WP proves of core/guestmem.c.
 * Locking: none. Trust: proofs only.
 */
#include "guest.h"

volatile uint8_t any_byte;
volatile uint32_t any_u32;
volatile uint64_t any_u64;
volatile bool any_bool;

struct authz { int nothing; };
static struct authz authz;
void (*guest_says)(void *dst, size_t len);
struct vcpu guest_vcpus[3];		/* the caller, another of its domain, and the target's */
struct domain guest_domains[2];
struct cpu cpus[MAX_CPUS];

void guest_start(struct hypercall *hc)
{
	guest_vcpus[0].domain = &guest_domains[0];
	guest_vcpus[1].domain = &guest_domains[0];
	guest_vcpus[2].domain = &guest_domains[1];
	guest_domains[0].id = (domid_t)any_u32;
	guest_domains[1].id = (domid_t)any_u32;
	*hc = (struct hypercall){ .compat = any_bool, .privileged = any_bool, .nested = any_bool };
	hc->arg[0] = any_u64;
	hc->arg[1] = any_u64;
	hc->arg[2] = any_u64;
	hc->arg[3] = any_u64;
	hc->arg[4] = any_u64;
	hc->arg[5] = any_u64;
}

int guest_status(void)
{
	return any_bool ? 0 : -1 - (int)(any_u32 % 4095);
}

int guest_copy_in(struct vcpu *v, void *dst, gva_t src, size_t len)
{
	(void)v;
	(void)src;
	if (any_bool)
		return -XEN_EFAULT;
	guest_fill(dst, len);
	if (guest_says)
		guest_says(dst, len);
	return 0;
}

int guest_copy_out(struct vcpu *v, gva_t dst, const void *src, size_t len)
{
	(void)v;
	(void)dst;
	guest_look(src, len);
	return guest_status();
}

int guest_array_init(struct guest_array *a, struct vcpu *v, gva_t base, uint64_t count, size_t size)
{
	if (any_bool)
		return -XEN_EINVAL;
	a->v = v;
	a->base = base;
	a->count = count;
	a->pos = 0;
	a->size = size;
	return 0;
}

int guest_array_fetch(struct guest_array *a, void *elem)
{
	guest_fill(elem, a->size);		/* so that an element is used that was not fetched is not found here */
	if (any_bool || a->pos >= a->count)
		return -XEN_EFAULT;
	a->pos++;
	return 0;
}

int guest_array_fetch_some(struct guest_array *a, void *elems, unsigned int *n)
{
	unsigned int some = 0;
	int rc = -XEN_EFAULT;

	guest_fill(elems, *n * a->size);		/* so that an element is used that was not fetched is not found here */
	if (any_bool) {
		some = 1 + any_u32 % *n;
		rc = 0;
	}
	*n = some;
	a->pos += some;
	return rc;
}

int guest_array_store_some(struct guest_array *a, uint64_t index, const void *elems, unsigned int n)
{
	return any_bool ? -XEN_ERANGE : guest_copy_out(a->v, index, elems, n * a->size);
}

int guest_array_store(struct guest_array *a, uint64_t index, const void *elem)
{
	return guest_array_store_some(a, index, elem, 1);
}

struct vcpu *authz_vcpu(const struct authz *az) { (void)az; return &guest_vcpus[0]; }
struct domain *authz_self(const struct authz *az) { (void)az; return &guest_domains[0]; }
struct domain *authz_target(const struct authz *az) { (void)az; return any_bool ? &guest_domains[0] : &guest_domains[1]; }
struct authz *gate_begin(struct vcpu *v, enum perm use) { (void)v; (void)use; return any_bool ? &authz : NULL; }
void gate_set_operation(struct authz *az, const struct gate_operation *op) { (void)az; (void)op; }
void gate_end(struct authz *az) { (void)az; }
int gate_authorize_self(struct authz *az, enum perm p) { (void)az; (void)p; return guest_status(); }
int gate_authorize_domain(struct authz *az, domid_t id, enum perm p) { volatile domid_t used = id; (void)az; (void)p; return guest_status(); }
int gate_check_xen(struct authz *az, enum perm p) { (void)az; (void)p; return guest_status(); }
int gate_check_security(struct authz *az, enum perm p) { (void)az; (void)p; return guest_status(); }
int gate_check_self(struct authz *az, enum perm p) { (void)az; (void)p; return guest_status(); }
int gate_check_target_both(struct authz *az, struct domain *d, enum perm p, enum perm q) { (void)az; (void)d; (void)p; (void)q; return guest_status(); }
int gate_check_pair_both(struct authz *az, struct domain *s, struct domain *t, enum perm p, enum perm q) { (void)az; (void)s; (void)t; (void)p; (void)q; return guest_status(); }
void authz_note(struct authz *az, const char *what, uint64_t value) { volatile uint64_t used = value; (void)az; (void)what; }
void authz_refused(struct authz *az) { (void)az; }
void gate_release(struct authz *az, struct domain *d) { (void)az; (void)d; }

int gate_open_domain_both(struct authz *az, domid_t id, enum perm p, enum perm q, struct domain **out)
{
	volatile domid_t used = id;

	(void)az;
	(void)p;
	(void)q;
	if (any_bool)
		return any_bool ? -XEN_ESRCH : -XEN_EACCES;
	*out = authz_target(az);
	return 0;
}

int gate_open_domain(struct authz *az, domid_t id, enum perm p, struct domain **out) { return gate_open_domain_both(az, id, p, PERM_INVALID, out); }
bool cpu_should_yield(void) { return any_bool; }
uint64_t edge_array_index_mask(uint64_t index, uint64_t size) { return index < size ? UINT64_MAX : 0; }
unsigned int edge_cpu_id(void) { return 0; }
void edge_relax(void) { }
void panic(const char *fmt, ...) { (void)fmt; for (;;); }
