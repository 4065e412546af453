/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of rules, sorted by source, target, class and kind, with an index by source.
 * Locking: immutable once finished. Trust: types and classes in rules were checked when read.
 */
#include "policydb.h"

/*@ requires \valid_read(x); assigns \nothing; */
static uint64_t rule_key(const struct rule *x)
{
	return (uint64_t)x->source << 48 | (uint64_t)x->target << 32 | (uint32_t)x->class << 16 | x->kind;
}

/*@ requires \valid(a + (0 .. n - 1)) && root < n <= 0x80000000; assigns a[0 .. n - 1]; */
static void sift_down(struct rule *a, uint32_t root, uint32_t n)
{
	struct rule moved = a[root];

	/*@ loop invariant root < n; loop assigns root, child, a[0 .. n - 1]; loop variant n - root; */
	for (uint32_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && rule_key(&a[child]) < rule_key(&a[child + 1]))
			child++;
		if (rule_key(&a[child]) <= rule_key(&moved))
			break;
		a[root] = a[child];
	}
	a[root] = moved;
}

/* Heap sort: in place, no recursion, no bad case that a policy's author could choose. */
/*@ requires \valid(a + (0 .. n - 1)) && n <= 0x80000000; assigns a[0 .. n - 1]; */
static void rules_sort(struct rule *a, uint32_t n)
{
	/*@ loop invariant i <= n / 2; loop assigns i, a[0 .. n - 1]; loop variant i; */
	for (uint32_t i = n / 2; i-- > 0;)
		sift_down(a, i, n);
	/*@ loop invariant end <= n; loop assigns end, a[0 .. n - 1]; loop variant end; */
	for (uint32_t end = n; end > 1; end--) {
		struct rule first = a[0];

		a[0] = a[end - 1];
		a[end - 1] = first;
		sift_down(a, 0, end - 1);
	}
}

void rule_table_finish(struct reader *r, struct rule_table *t, uint32_t nr_types, bool unique)
{
	if (r->failed)
		return;
	rules_sort(t->rule, t->nr);
	/*@ loop invariant 1 <= i && !r->failed && reader_step{Pre,Here}(r); loop assigns i, FAILS(r); loop variant t->nr - i; */
	for (uint32_t i = 1; unique && i < t->nr; i++)
		if (!reader_require(r, rule_key(&t->rule[i - 1]) != rule_key(&t->rule[i]), "a rule stands twice"))
			return;
	t->source_start = reader_array(r, nr_types + 2u, sizeof(*t->source_start));
	if (r->failed)
		return;
	/*@
	  loop invariant source <= nr_types + 2 && i <= t->nr;
	  loop invariant \forall integer k; 0 <= k < source ==> t->source_start[k] <= i;
	  loop invariant \forall integer j, k; 0 <= j <= k < source ==> t->source_start[j] <= t->source_start[k];
	  loop assigns source, i, t->source_start[0 .. nr_types + 1];
	  loop variant nr_types + 2 - source;
	*/
	for (uint32_t source = 0, i = 0; source < nr_types + 2u; source++) {
		/*@ loop invariant \at(i, LoopEntry) <= i <= t->nr; loop assigns i; loop variant t->nr - i; */
		while (i < t->nr && t->rule[i].source < source)
			i++;
		t->source_start[source] = i;
	}
	/*@ assert \valid_read(t->rule + (0 .. t->nr - 1)) && \valid_read(t->source_start + (0 .. nr_types + 1)); */
	/*@ assert \forall integer i; 0 <= i <= nr_types + 1 ==> t->source_start[i] <= t->nr; */
	/*@ assert \forall integer i, j; 0 <= i <= j <= nr_types + 1 ==> t->source_start[i] <= t->source_start[j]; */
}

/*@ requires low <= high && \valid_read(a + (low .. high - 1)); assigns \nothing; ensures low <= \result <= high; */
static uint32_t lower_bound(const struct rule *a, uint32_t low, uint32_t high, uint32_t target)
{
	/*@ loop invariant \at(low, Pre) <= low <= high <= \at(high, Pre); loop assigns low, high; loop variant high - low; */
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (a[mid].target < target)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct rule *rule_table_find(const struct rule_table *t, uint32_t source, uint32_t target, uint32_t *nr)
{
	uint32_t end = t->source_start[source + 1];
	uint32_t first = lower_bound(t->rule, t->source_start[source], end, target);

	*nr = 0;
	/*@ loop invariant first + *nr <= end; loop assigns *nr; loop variant end - *nr; */
	while (first + *nr < end && t->rule[first + *nr].target == target)
		++*nr;
	return t->rule + first;
}

const struct rule *rule_find(const struct rule_table *t, uint32_t source, uint32_t target, uint32_t class, enum rule_kind kind)
{
	uint32_t nr;
	const struct rule *x = rule_table_find(t, source, target, &nr);

	/*@ loop invariant i <= nr; loop assigns i; loop variant nr - i; */
	for (uint32_t i = 0; i < nr; i++)
		if (x[i].class == class && x[i].kind == kind)
			return &x[i];
	return NULL;
}
