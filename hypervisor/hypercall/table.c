/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operations.def as tables, and finding a row in them.
 * Locking: constant data.
 * Trust: numbers are the caller's; indexes are clamped without a branch.
 */
#include "handlers.h"

#include <hv/edge.h>
#include <hv/string.h>

/* Refused rows ask nothing beyond `use`: their permission is the hypercall's. */
enum use_perm {
#define HYPERCALL(name, use, nr, kind, reg, type, version, status)	USE_##name = PERM_interface__##use,
#include "operations.def"
};

enum hypercall_nr {
#define HYPERCALL(name, use, nr, kind, reg, type, version, status)	NR_##name = nr,
#include "operations.def"
};

/* What is fetched of all of a hypercall's heads before the operation is known. */
enum hypercall_head {
#define HYPERCALL(name, use, nr, kind, reg, type, version, status)	HEAD_OF_##name = (int)(kind) == SUB_HEAD ? sizeof(type) : 0,
#include "operations.def"
};

/* The place of each row, so that the index below can name it. */
enum row_index {
#define LEAF(hc, op, n, sub, type, target, at, c, p, denied, flags)	INDEX_##hc##_##op,
#define NEST(hc, op, n, at)						INDEX_##hc##_##op,
#define LEAF_REFUSED(hc, op, n, sub, status)				INDEX_##hc##_##op,
#include "operations.def"
	INDEX_COUNT
};

#define HYPERCALL(name, use, nr, kind, reg, type, version, status) \
	_Static_assert(sizeof(type) <= OP_HEAD_MAX, "head of " #name " is too large");
#define LEAF(hc, op, n, sub, type, target, at, c, p, denied, flags) \
	_Static_assert(sizeof(type) <= OP_HEAD_MAX, "head of " #hc "." #op " is too large"); \
	_Static_assert(HEAD_OF_##hc == 0 || sizeof(type) <= HEAD_OF_##hc, "head of " #hc "." #op " is not fetched"); \
	_Static_assert((target) != TARGET_DOMAIN || (at) + sizeof(domid_t) <= sizeof(type), "domain of " #hc "." #op " is outside its head");
#define NEST(hc, op, n, at) \
	_Static_assert((at) + sizeof(uint32_t) <= OP_HEAD_MAX, "nested command of " #hc "." #op " is outside the head"); \
	_Static_assert((at) + sizeof(uint32_t) <= HEAD_OF_##hc, "nested command of " #hc "." #op " is not fetched");
#include "operations.def"

#define OPERATION(hc, op, status, flags) { #hc "." #op, INDEX_##hc##_##op, (status), (flags) & ROW_QUIET }
const struct op_row op_rows[] = {
#define LEAF(hc, op, n, s, type, t, at, c, p, d, f) \
	{ .operation = OPERATION(hc, op, d, f), .hypercall = NR_##hc, .flags = (f), .sub = (n), .nested = (s), .arg_size = sizeof(type), \
	  .domid_offset = (at), .target = t, .perm = PERM_##c##__##p, .handler = op_##hc##_##op },
#define NEST(hc, op, n, at) \
	{ .operation = OPERATION(hc, op, XEN_ENOSYS, 0), .hypercall = NR_##hc, .flags = ROW_NEST, .sub = (n), .nested = (at), \
	  .perm = (enum perm)USE_##hc },
#define LEAF_REFUSED(hc, op, n, s, status) \
	{ .operation = OPERATION(hc, op, status, 0), .hypercall = NR_##hc, .flags = ROW_REFUSED | ROW_COMPAT, .sub = (n), .nested = (s), \
	  .perm = (enum perm)USE_##hc },
#include "operations.def"
};
const unsigned int op_row_count = INDEX_COUNT;
_Static_assert(INDEX_COUNT <= GATE_OPERATIONS, "more rows than a domain's bitmap of refusals has bits");

#define SUB_MASK(kind)	((kind) == SUB_REG ? UINT32_MAX : (kind) == SUB_REG_MASKED ? OP_MEMORY_CMD_MASK : 0)
#define SUB_OR(kind)	((kind) == SUB_NONE ? OP_ALL : 0)
static const struct op_hypercall op_hypercalls[OP_HYPERCALLS] = {
#define HYPERCALL(name, u, nr, kind, reg, type, v, status) \
	[nr] = { .number = NR_##name, .use = PERM_interface__##u, .sub = kind, .sub_mask = SUB_MASK(kind), .sub_or = SUB_OR(kind), .arg_reg = (reg), .head_size = sizeof(type), .version = (v), .version_status = (status) },
#include "operations.def"
};

/* Row of (hypercall, sub-operation) plus one. Slot 0 of a hypercall stands for OP_ALL, so that slot n + 1 is sub-operation n. */
#define SUB_SLOTS 96
#define SLOT(hc, n) [NR_##hc][(uint32_t)((n) + 1u)]
static const uint16_t row_at[OP_HYPERCALLS][SUB_SLOTS] = {
#define ROW(hc, op, n, type, target, at, c, p, denied, flags)	SLOT(hc, n) = INDEX_##hc##_##op + 1,
#define REFUSED(hc, op, n, status)				SLOT(hc, n) = INDEX_##hc##_##op + 1,
#define NEST(hc, op, n, at)					SLOT(hc, n) = INDEX_##hc##_##op + 1,
#include "operations.def"
};

/*@
  // What is asked of the tables: each row stands where its numbers say. test_dispatch finds that the real ones are so.
  predicate hypercalls_ok = \forall integer n; 0 <= n < OP_HYPERCALLS && op_hypercalls[n].sub != SUB_ABSENT ==> op_hypercalls[n].number == n;
  predicate row_stands(integer i, integer n, integer s) = 0 <= i < INDEX_COUNT && op_rows[i].hypercall == n && op_rows[i].sub == (s == 0 ? OP_ALL : s - 1) &&
    ((op_rows[i].flags & ROW_NEST) != 0 ==> op_rows[i].nested + sizeof(uint32_t) <= OP_HEAD_MAX);
  predicate rows_ok = \forall integer n, s; 0 <= n < OP_HYPERCALLS && 0 <= s < SUB_SLOTS && row_at[n][s] != 0 ==> row_stands(row_at[n][s] - 1, n, s);
  // A row of the table that is an operation, with these numbers.
  predicate is_row(struct op_row *row, integer n, integer sub) =
    (\exists integer i; 0 <= i < INDEX_COUNT && row == &op_rows[i]) && row->hypercall == n && row->sub == sub && (row->flags & ROW_NEST) == 0;
*/
/*@
  requires hypercalls_ok;
  assigns \nothing;
  ensures \result == \null || (hypercall < OP_HYPERCALLS && \result == &op_hypercalls[hypercall] && \result->number == hypercall && \result->sub != SUB_ABSENT);
  ensures hypercall < OP_HYPERCALLS && op_hypercalls[hypercall].sub != SUB_ABSENT ==> \result != \null;
*/
const struct op_hypercall *op_hypercall_find(uint64_t hypercall)
{
	const struct op_hypercall *h;

	if (hypercall >= OP_HYPERCALLS)
		return NULL;
	h = &op_hypercalls[hypercall & edge_array_index_mask(hypercall, OP_HYPERCALLS)];
	return h->sub == SUB_ABSENT ? NULL : h;
}

/*@
  requires \valid_read(h);
  assigns \nothing;
  ensures \result == \null || (is_row(\result, h->number, sub) && \result->nested == nested);
  ensures \result == \null ==> \forall integer i; 0 <= i < INDEX_COUNT ==>
    !(op_rows[i].hypercall == h->number && op_rows[i].sub == sub && op_rows[i].nested == nested && (op_rows[i].flags & ROW_NEST) == 0);
*/
static const struct op_row *__slow op_find_leaf(const struct op_hypercall *h, uint32_t sub, uint32_t nested)
{
	/*@
	  loop invariant i <= INDEX_COUNT && \forall integer j; 0 <= j < i ==>
	    !(op_rows[j].hypercall == h->number && op_rows[j].sub == sub && op_rows[j].nested == nested && (op_rows[j].flags & ROW_NEST) == 0);
	  loop assigns i;
	  loop variant INDEX_COUNT - i;
	*/
	for (unsigned int i = 0; i < INDEX_COUNT; i++) {
		const struct op_row *row = &op_rows[i];

		if (row->hypercall == h->number && row->sub == sub && row->nested == nested && !(row->flags & ROW_NEST))
			return row;
	}
	return NULL;
}

/*@ requires \valid_read((char *)head + (at .. at + 3)); assigns \nothing; */
static uint32_t head_word(const void *head, uint32_t at)
{
	uint32_t word;

	memcpy(&word, (const char *)head + at, sizeof(word));
	return word;
}

/*@
  requires \valid_read(h) && \valid_read(row) && \valid_read((char *)head + (0 .. OP_HEAD_MAX - 1)) && row->nested + 4 <= OP_HEAD_MAX;
  assigns \nothing;
  ensures \result == \null || is_row(\result, h->number, row->sub);
*/
static const struct op_row *__slow op_find_nested(const struct op_hypercall *h, const struct op_row *row, const void *head)
{
	uint32_t nested = head_word(head, row->nested);

	return nested == OP_ALL ? NULL : op_find_leaf(h, row->sub, nested);
}

/*@
  requires rows_ok && \valid_read(h) && h->number < OP_HYPERCALLS;
  // A head is there where an operation is named in it; that only such a hypercall has nests, is asserted above.
  requires \forall integer s; 0 <= s < SUB_SLOTS && row_at[h->number][s] != 0 && (op_rows[row_at[h->number][s] - 1].flags & ROW_NEST) != 0 ==>
    \valid_read((char *)head + (0 .. OP_HEAD_MAX - 1));
  assigns \nothing;
  ensures \result == \null || is_row(\result, h->number, sub);
*/
const struct op_row *op_find(const struct op_hypercall *h, uint32_t sub, const void *head)
{
	uint32_t slot = sub + 1;
	uint16_t at;

	/*@ assert sub == OP_ALL ==> slot == 0; */
	/*@ assert sub < OP_ALL ==> slot == sub + 1; */
	if (slot >= SUB_SLOTS)		/* the few numbers far out */
		return op_find_leaf(h, sub, OP_ALL);
	at = row_at[h->number][slot & edge_array_index_mask(slot, SUB_SLOTS)];
	if (at == 0)
		return NULL;
	/*@ assert row_stands(at - 1, h->number, slot); */
	return unlikely(op_rows[at - 1].flags & ROW_NEST) ? op_find_nested(h, &op_rows[at - 1], head) : &op_rows[at - 1];
}
