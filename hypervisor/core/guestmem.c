/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing guest memory, a page at a time through a window.
 * Locking: p2m.lock is held for reading from the walk of the guest's tables to the last byte within a
 * page: nothing that was found goes meanwhile. Pins hold a reference instead.
 * Trust: addresses are hostile, contents change under our hands: what is copied in is copied once.
 */
#include "guestwalk.h"
#include "p2m_private.h"

#include <hv/guestmem.h>
#include <hv/string.h>

/* Within one page. p2m is locked. What is written to is the guest's alone: of ours, nothing changes but a buffer that is read into. */
/*@
  requires len <= PAGE_SIZE - at % PAGE_SIZE && \valid_read((char *)buf + (0 .. len - 1)) && (!write ==> \valid((char *)buf + (0 .. len - 1)));
  assigns guest_window[0 .. PAGE_SIZE - 1], ((char *)buf)[0 .. (write ? -1 : len - 1)];
*/
static inline int piece_copy(struct cpu *c, struct domain *d, gpa_t at, void *buf, size_t len, bool write)
{
	mfn_t mfn = p2m_frame_locked(c, d, at >> PAGE_SHIFT, write);
	char *page;

	if (mfn == MFN_INVALID)
		return -XEN_EFAULT;
	page = edge_window_map(mfn);
	if (write)
		memcpy(page + (at % PAGE_SIZE), buf, len);
	else
		memcpy(buf, page + (at % PAGE_SIZE), len);
	edge_window_unmap(page);
	return 0;
}

/*@ assigns \nothing; ensures \result <= len && \result <= PAGE_SIZE - at % PAGE_SIZE && (len > 0 ==> \result > 0); */
static size_t piece_len(uint64_t at, size_t len)
{
	size_t room = PAGE_SIZE - (at % PAGE_SIZE);

	return room < len ? room : len;
}

int guest_phys_write(struct domain *d, gpa_t dst, const void *src, size_t len)
{
	/*@
	  loop invariant len <= \at(len, Pre) && \valid_read((char *)src + (0 .. len - 1));
	  loop assigns src, dst, len, guest_window[0 .. PAGE_SIZE - 1];
	  loop variant len;
	*/
	while (len) {
		size_t n = piece_len(dst, len);
		int rc;

		read_lock(&d->p2m.lock);
		rc = piece_copy(this_cpu(), d, dst, (void *)(uintptr_t)src, n, true);
		read_unlock(&d->p2m.lock);
		if (rc)
			return rc;
		src = (const char *)src + n;
		dst += n;
		len -= n;
	}
	return 0;
}

/*@
  requires \valid_read(v) && \valid_read(v->domain);
  requires len <= PAGE_SIZE - at % PAGE_SIZE && \valid_read((char *)buf + (0 .. len - 1)) && (!write ==> \valid((char *)buf + (0 .. len - 1)));
  assigns guest_window[0 .. PAGE_SIZE - 1], ((char *)buf)[0 .. (write ? -1 : len - 1)];
*/
static int linear_piece(struct vcpu *v, gva_t at, void *buf, size_t len, bool write)
{
	struct domain *d = v->domain;
	struct cpu *c = this_cpu();
	int rc = -XEN_EFAULT;
	gpa_t gpa;

	read_lock(&d->p2m.lock);
	gpa = guest_walk(c, v, at, write);
	if (gpa != GPA_INVALID)
		rc = piece_copy(c, d, gpa, buf, len, write);
	read_unlock(&d->p2m.lock);
	return rc;
}

/*@
  requires \valid_read(v) && \valid_read(v->domain);
  requires \valid_read((char *)buf + (0 .. len - 1)) && (!write ==> \valid((char *)buf + (0 .. len - 1)));
  requires \separated((char *)buf + (0 .. len - 1), v);
  assigns guest_window[0 .. PAGE_SIZE - 1], ((char *)buf)[0 .. (write ? -1 : len - 1)];
*/
static int linear_copy(struct vcpu *v, gva_t at, void *buf, size_t len, bool write)
{
	/*@
	  loop invariant len <= \at(len, Pre) && (char *)buf == (char *)\at(buf, Pre) + (\at(len, Pre) - len);
	  loop assigns buf, at, len, guest_window[0 .. PAGE_SIZE - 1], ((char *)\at(buf, Pre))[0 .. (write ? -1 : \at(len, Pre) - 1)];
	  loop variant len;
	*/
	while (len) {
		size_t n = piece_len(at, len);
		int rc = linear_piece(v, at, buf, n, write);

		if (rc)
			return rc;
		buf = (char *)buf + n;
		at += n;
		len -= n;
	}
	return 0;
}

int guest_copy_in(struct vcpu *v, void *dst, gva_t src, size_t len)
{
	return linear_copy(v, src, dst, len, false);
}

int guest_copy_out(struct vcpu *v, gva_t dst, const void *src, size_t len)
{
	return linear_copy(v, dst, (void *)(uintptr_t)src, len, true);
}

/*
 * Enough for vcpu_info and FIFO control blocks of each vCPU and every FIFO event page (2^17 ports).
 */
/*@ requires \valid_read(d); assigns \nothing; */
static uint32_t pins_max(const struct domain *d)
{
	return 4 * d->max_vcpus + 128;
}

/*@
  requires \valid(d) && \valid(mfn) && \valid(va) && \separated(d, mfn, va);
  assigns d->pinned_pages, *mfn, *va, frame_refs;
  ensures \result == 0 ==> *mfn != (mfn_t)MFN_INVALID && *va != \null && frame_refs == \old(frame_refs) + 1;
  ensures \result != 0 ==> frame_refs == \old(frame_refs);
*/
int guest_page_pin(struct domain *d, gfn_t gfn, mfn_t *mfn, void **va)
{
	enum p2m_type type;
	int rc = -XEN_EINVAL;

	if (atomic_fetch_add(&d->pinned_pages, 1) >= pins_max(d)) {
		atomic_fetch_sub(&d->pinned_pages, 1);
		return -XEN_ENOSPC;
	}
	*mfn = p2m_get_frame(d, gfn, true, &type);
	if (*mfn != MFN_INVALID) {
		*va = type == P2M_RAM ? edge_pin_map(*mfn) : NULL;
		if (*va)
			return 0;
		rc = type == P2M_RAM ? -XEN_ENOMEM : -XEN_EINVAL;
		frame_put(*mfn);
	}
	*mfn = MFN_INVALID;
	atomic_fetch_sub(&d->pinned_pages, 1);
	return rc;
}

/*@ requires \valid(d) && mfn != (mfn_t)MFN_INVALID && va != \null; assigns d->pinned_pages, frame_refs; ensures frame_refs == \old(frame_refs) - 1; */
void guest_page_unpin(struct domain *d, mfn_t mfn, void *va)
{
	edge_pin_unmap(va);
	atomic_fetch_sub(&d->pinned_pages, 1);
	frame_put(mfn);
}

/*@
  // What guest_array_init() lets through: no element's address or offset wraps.
  predicate array_ok{L}(struct guest_array *a) = \valid(a) && 0 < a->size && a->count * a->size <= UINT64_MAX - a->base && \valid_read(a->v) && \valid_read(a->v->domain);
*/

/*@ lemma product_of_quotient: \forall integer a, b, m; 0 <= a && 0 < b && 0 <= m && a <= m / b ==> 0 <= a * b <= m; */
/*@
  requires \valid(a) && 0 < size && \valid_read(v) && \valid_read(v->domain) && \separated(a, v);
  assigns a->v, a->base, a->count, a->pos, a->size;
  ensures \result == 0 ==> array_ok(a) && a->pos == 0 && a->count == count && a->size == size && a->v == v;
*/
int guest_array_init(struct guest_array *a, struct vcpu *v, gva_t base, uint64_t count, size_t size)
{
	uint64_t bytes, end;

	if (__builtin_mul_overflow(count, size, &bytes) ||
	    __builtin_add_overflow(base, bytes, &end))
		return -XEN_EINVAL;
	/*@ assert 0 <= count * size <= UINT64_MAX && bytes == count * size; */
	a->v = v;
	a->base = base;
	a->count = count;
	a->pos = 0;
	a->size = size;
	return 0;
}

/*@
  requires array_ok(a) && \valid((char *)elem + (0 .. a->size - 1)) && \separated(a, (char *)elem + (0 .. a->size - 1), a->v);
  assigns a->pos, ((char *)elem)[0 .. a->size - 1], guest_window[0 .. PAGE_SIZE - 1];
  ensures array_ok(a) && (\result == 0 ? a->pos == \old(a->pos) + 1 && a->pos <= a->count : a->pos == \old(a->pos));
*/
int guest_array_fetch(struct guest_array *a, void *elem)
{
	int rc;

	if (a->pos >= a->count)
		return -XEN_ERANGE;
	rc = guest_copy_in(a->v, elem, a->base + a->pos * a->size, a->size);
	if (!rc)
		a->pos++;
	return rc;
}

/*@
  requires array_ok(a) && \valid_read((char *)elem + (0 .. a->size - 1)) && \separated(a, (char *)elem + (0 .. a->size - 1), a->v);
  assigns guest_window[0 .. PAGE_SIZE - 1];
*/
int guest_array_store(struct guest_array *a, uint64_t index, const void *elem)
{
	return guest_array_store_some(a, index, elem, 1);
}

/* Within one page everything can be reached or nothing: what fails fails where it would have failed one by one. */
/*@ requires array_ok(a) && a->pos < a->count && 0 < max; assigns \nothing; ensures 0 < \result <= max && \result <= a->count - a->pos; */
static unsigned int array_reach(const struct guest_array *a, unsigned int max)
{
	uint64_t room = PAGE_SIZE - ((a->base + a->pos * a->size) & (PAGE_SIZE - 1));
	uint64_t n = a->count - a->pos < max ? a->count - a->pos : max;

	if (n * a->size > room)
		n = room / a->size;
	return n ? (unsigned int)n : 1;
}

/*@
  requires array_ok(a) && \valid(n) && 0 < *n && \valid((char *)elems + (0 .. *n * a->size - 1));
  requires \separated(a, n, (char *)elems + (0 .. *n * a->size - 1), a->v);
  assigns a->pos, *n, ((char *)elems)[0 .. *n * a->size - 1], guest_window[0 .. PAGE_SIZE - 1];
  ensures array_ok(a) && *n <= \old(*n) && a->pos == \old(a->pos) + *n && (\old(a->pos) <= a->count ==> a->pos <= a->count);
*/
int guest_array_fetch_some(struct guest_array *a, void *elems, unsigned int *n)
{
	unsigned int some = a->pos < a->count ? array_reach(a, *n) : 0;
	int rc = guest_copy_in(a->v, elems, a->base + a->pos * a->size, some * a->size);

	*n = rc ? 0 : some;
	a->pos += *n;
	return rc;
}

/*@
  requires array_ok(a) && \valid_read((char *)elems + (0 .. n * a->size - 1)) && \separated(a, (char *)elems + (0 .. n * a->size - 1), a->v);
  assigns guest_window[0 .. PAGE_SIZE - 1];
  ensures \result == 0 ==> index + n <= a->count;
*/
int guest_array_store_some(struct guest_array *a, uint64_t index, const void *elems, unsigned int n)
{
	if (n > a->count || index > a->count - n)
		return -XEN_ERANGE;
	return guest_copy_out(a->v, a->base + index * a->size, elems, n * a->size);
}
