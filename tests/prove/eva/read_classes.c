/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eva's start for xsm/flask/read_classes.c: commons and classes of any small policy. Contracts are WP's, not Eva's (-no-annot), so nothing is asked in them;
 * what the reader calls is as WP proves it in reader.c, symtab.c, bitset.c, constraint.c: any number, any name; each step may be the one that fails.
 * How many there are of each thing is fixed for a turn; so are the order of values, the version, and whether constraints have names.
 */
#include <policydb.h>

#define MOST 3u
#define LAST_STEP 80u	/* and more than a turn with one table has */

extern volatile uint32_t any_u32;
extern volatile uint64_t any_u64;
extern volatile bool any_bool;
volatile uint32_t any_u32;
volatile uint64_t any_u64;
volatile bool any_bool;
void eva_main(void);

#define PIECE 512u

/* The arena's pieces: each ends where its array ends, so that what is read or written behind it is behind an object's end. */
#define ROW(p) p##0[PIECE], p##1[PIECE], p##2[PIECE], p##3[PIECE], p##4[PIECE], p##5[PIECE], p##6[PIECE], p##7[PIECE]
#define ENDS(p) p##0 + PIECE, p##1 + PIECE, p##2 + PIECE, p##3 + PIECE, p##4 + PIECE, p##5 + PIECE, p##6 + PIECE, p##7 + PIECE
static uint8_t ROW(a), ROW(b), ROW(c), ROW(d), ROW(e), ROW(f), ROW(g), ROW(h);
static uint8_t *const ends[] = { ENDS(a), ENDS(b), ENDS(c), ENDS(d), ENDS(e), ENDS(f), ENDS(g), ENDS(h) };
static uint32_t pieces;

static void must(bool ok)
{
	if (!ok)
		(void)*(volatile char *)0;
}

static void look(uint64_t value) { volatile uint64_t used = value; }

/* No further. */
static void followed(void)
{
	for (;;)
		;
}

static struct arena arena;
static struct policy policy;
static struct reader reader = { .arena = &arena };
static uint32_t commons, classes, common_of[MOST], class_of[MOST], many[3], steps[2], names;
static uint32_t words, counts, asked;	/* read since anything else was; counts read, and asked about */
static uint32_t expr_words;		/* of the steps of a constraint, still to be read */
static uint32_t step, fails_at;	/* or one of the two: */
#define COMMON_NAME (UINT32_MAX - 1)
#define COMMON_FOUND UINT32_MAX
static bool of_common;

/* Nothing is read once one step has failed, and each may: by itself, and for what is asked there. */
static bool goes_on(struct reader *r)
{
	words = 0;
	if (!r->failed && ++step == fails_at)
		r->failed = true;
	return !r->failed;
}

static uint32_t per_expr(void) { return names && policy.version >= 29 ? 4 : 3; }

uint32_t read_u32(struct reader *r)
{
	uint32_t n = words + 1, value = any_u32;

	if (!goes_on(r))
		return 0;
	words = n;
	if (expr_words) {
		if (expr_words-- % per_expr())
			return any_u32;
		/* Of other kinds the reader sees no difference. */
		return names ? 5 : value % 5;
	}
	/* Of a class the sixth: how many constraints. */
	return n == 6 ? many[(asked + 1) % 3] : value;
}

bool reader_require(struct reader *r, bool ok, const char *reason)
{
	bool on;

	if (of_common) {	/* a class may have none: not a step, so that steps have the same numbers */
		of_common = false;
		words = 0;
		r->failed |= fails_at == COMMON_FOUND;
		on = !r->failed;
	} else {
		on = goes_on(r);
	}
	if (on && !ok)
		followed();	/* where it fails at this step */
	return on;
}

uint32_t read_count(struct reader *r, size_t min_bytes) { return goes_on(r) ? steps[counts++ % 2] : 0; }
bool reader_has(struct reader *r, uint64_t n, size_t min_bytes)
{
	if (!goes_on(r))
		return false;
	if (n != many[asked++ % 3])
		followed();
	return true;
}

static void *array(size_t size)
{
	must(size <= PIECE && pieces < sizeof(ends) / sizeof(*ends));
	return ends[pieces++] - size;
}

void *reader_array(struct reader *r, size_t n, size_t size)
{
	if (!goes_on(r))
		return NULL;
	must(n <= MOST + 1);
	if (size == sizeof(struct constraint_expr))
		expr_words = (uint32_t)n * per_expr();
	return array(n * size);
}

static const char name[] = "any";
const char *read_name(struct reader *r, uint32_t len)
{
	words = 0;
	of_common = true;
	r->failed |= fails_at == COMMON_NAME;
	return r->failed ? "" : name;
}

static void any_table(struct symtab *t, uint32_t nprim, uint32_t nr)
{
	*t = (struct symtab){ .nprim = nprim, .capacity = nr };
}

void symtab_create(struct reader *r, struct symtab *t, uint32_t nprim, uint32_t nr)
{
	if (goes_on(r))
		any_table(t, nprim, nr);
	else
		any_table(t, 0, 0);
}

void symtab_read_head(struct reader *r, struct symtab *t, uint32_t max_values, size_t min_bytes)
{
	uint32_t n = t == &policy.commons ? commons : classes;

	/* As many values as names. */
	if (!goes_on(r))
		n = 0;
	any_table(t, n, n);
}

void symtab_read_name(struct reader *r, struct symtab *t, uint32_t len, uint32_t value, bool primary)
{
	if (!goes_on(r))
		return;
	if (t == &policy.commons && value != common_of[t->nr])
		followed();
	if (t == &policy.classes && value != class_of[t->nr])
		followed();
	if (value == 0 || value > t->nprim)
		followed();
	t->nr++;
}

uint32_t symtab_find(const struct symtab *t, const char *name, size_t len)
{
	words = 0;
	look((uint64_t)name[0]);
	return any_u32 % (t->nprim + 1);
}

static const struct bitset_word word;
void bitset_read(struct reader *r, struct bitset *b, uint32_t limit)
{
	*b = (struct bitset){ NULL, 0 };
	if (goes_on(r))
		*b = (struct bitset){ &word, 1 };
}

bool bitset_below(const struct bitset *b, uint32_t limit)
{
	for (uint32_t i = 0; i < b->nr; i++)
		look(b->word[i].start + b->word[i].map);
	return any_bool;
}

bool constraint_valid(const struct constraint *c, bool validatetrans)
{
	for (uint32_t i = 0; i < c->nr; i++)
		look((uint64_t)c->expr[i].kind + c->expr[i].names.nr);
	return any_bool;
}

#ifndef BEHIND_READING
#define BEHIND_READING() ((void)0)
#endif

static void read_all(void)
{
	policy.users.nprim = any_u32;
	policy.roles.nprim = any_u32;
	policy.types.nprim = any_u32;
	policy_read_commons(&reader, &policy);
	policy_read_classes(&reader, &policy);
	if (reader.failed || fails_at >= COMMON_NAME)
		followed();
	policy_check_classes(&reader, &policy);
	if (reader.failed)
		followed();
	BEHIND_READING();
	followed();
}

/* So many commons and classes, the first of this value and the others by so many further; lists as long as (length + 0, 1, 2) % 4, steps (length, length + 3) % 4. */
static void turn(uint32_t n, uint32_t first, uint32_t further, uint32_t length)
{
	static const uint32_t versions[] = { 24, 29, 28, 27 };

	commons = classes = n;
	for (uint32_t i = 0; i < n; i++)
		common_of[i] = class_of[i] = 1 + (first + i * further) % n;
	for (uint32_t i = 0; i < 3; i++)
		many[i] = (length + i) % (MOST + 1);
	steps[0] = length % (MOST + 1);
	steps[1] = (length + 3) % (MOST + 1);
	names = length % 2;
	policy.version = versions[length % 4];
	read_all();
}

#ifndef OTHER_MAIN
/* Each number of tables; two in each order of their values, or with one value twice; lists of each length; a failure at each step. */
void eva_main(void)
{
	for (uint32_t n = 0; n <= MOST; n++)
		if (any_bool)
			turn(n, 0, 1, n);
	for (uint32_t order = 0; order < 4; order++)
		if (any_bool)
			turn(2, order / 2, order % 2, order);
	for (fails_at = 1; fails_at <= LAST_STEP; fails_at++)
		if (any_bool)
			turn(1, 0, 1, 1);
	for (fails_at = COMMON_NAME; fails_at != 0; fails_at++)
		if (any_bool)
			turn(1, 0, 1, 1);
}
#endif
