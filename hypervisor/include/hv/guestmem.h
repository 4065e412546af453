/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing guest memory through windows. Each byte is fetched once; callers keep their copy.
 * Locking: takes p2m.lock inside; may be called with domain.lock held. Trust: addresses and contents are hostile.
 */
#ifndef HV_GUESTMEM_H
#define HV_GUESTMEM_H

#include <hv/types.h>

/*@ ghost extern char guest_window[PAGE_SIZE]; */
/* The current vCPU's own memory by linear address, translated with its page tables (guest privilege: supervisor; writes need write
 * permission; SMAP is not applied, as on Xen). -XEN_EFAULT if any byte cannot be reached; what was copied before stays copied. */
/*@
  requires \valid_read(v) && \valid_read(v->domain) && \valid((char *)dst + (0 .. len - 1)) && \separated((char *)dst + (0 .. len - 1), v);
  assigns ((char *)dst)[0 .. len - 1], guest_window[0 .. PAGE_SIZE - 1];
*/
int __must_check guest_copy_in(struct vcpu *v, void *dst, gva_t src, size_t len);
/*@
  requires \valid_read(v) && \valid_read(v->domain) && \valid_read((char *)src + (0 .. len - 1)) && \separated((char *)src + (0 .. len - 1), v);
  assigns guest_window[0 .. PAGE_SIZE - 1];
*/
int __must_check guest_copy_out(struct vcpu *v, gva_t dst, const void *src, size_t len);
/* Walk only: guest-physical address of one linear address; -XEN_EFAULT. */
int __must_check guest_translate(struct vcpu *v, gva_t va, bool write, gpa_t *gpa);

/* By guest-physical address, of a domain one has got from the gate (or oneself). */
/*@ requires \valid_read(d) && \valid_read((char *)src + (0 .. len - 1)); assigns guest_window[0 .. PAGE_SIZE - 1]; */
int __must_check guest_phys_write(struct domain *d, gpa_t dst, const void *src, size_t len);

/* Pin a guest frame and map it for good in the domain's pinned region (vcpu_info, FIFO pages): writable RAM of d only.
 * Counted and limited per domain; contents stay hostile. */
int __must_check guest_page_pin(struct domain *d, gfn_t gfn, mfn_t *mfn, void **va);
void guest_page_unpin(struct domain *d, mfn_t mfn, void *va);

/* Cursor over an array in the caller's memory: each element fetched once. */
struct guest_array {
	struct vcpu *v;
	gva_t base;
	uint64_t count, pos;
	size_t size;
};
/* -XEN_EINVAL if count * size overflows. */
int __must_check guest_array_init(struct guest_array *a, struct vcpu *v, gva_t base, uint64_t count, size_t size);
int __must_check guest_array_fetch(struct guest_array *a, void *elem);		/* element pos, then pos++ ; -XEN_ERANGE at the end */
int __must_check guest_array_store(struct guest_array *a, uint64_t index, const void *elem);
/* Several at once, of *n at most: those that lie within one page, or the next one alone. *n is how many, 0 on failure or at the end. */
int __must_check guest_array_fetch_some(struct guest_array *a, void *elems, unsigned int *n);
int __must_check guest_array_store_some(struct guest_array *a, uint64_t index, const void *elems, unsigned int n);

#endif
