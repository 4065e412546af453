/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For Eva: what the readers of a Flask policy call, as WP proves of reader.c, symtab.c and bitset.c: any number is read, any step may fail. Of how many things
 * a file tells, each number from `least` to `most` is followed by itself; an array is as long as was asked for, and nothing lies behind it. What the sources
 * say to WP is not looked at, and so must not be believed (-no-annot): what has to hold here is asked in C.
 * Locking: none. Trust: proofs only.
 */
#include <policydb.h>

#ifndef PIECE
#define PIECE 512u
#endif
#define PIECES 16u

extern volatile uint8_t any_byte;
extern volatile uint16_t any_u16;
extern volatile uint32_t any_u32;
extern volatile uint64_t any_u64;
extern volatile bool any_bool;
volatile uint8_t any_byte;
volatile uint16_t any_u16;
volatile uint32_t any_u32;
volatile uint64_t any_u64;
volatile bool any_bool;
void eva_main(void);

/* The arena's pieces: an array ends where its piece ends, so what is behind it is behind an object's end. */
struct piece { uint8_t byte[PIECE]; };
static const struct piece zero;
static struct piece a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7;
static struct piece *const piece[PIECES] = { &a0, &a1, &a2, &a3, &a4, &a5, &a6, &a7, &b0, &b1, &b2, &b3, &b4, &b5, &b6, &b7 };
static uint32_t pieces;			/* that have been given out */

static void forget_pieces(void)
{
	for (uint32_t i = 0; i < PIECES; i++)
		*piece[i] = zero;
	pieces = 0;
}

static struct arena arena;
static uint32_t least, most;		/* of things that are counted */
static uint32_t least_values, most_values;	/* of a table of names */
bool reader_failed;			/* r->failed, by which Eva keeps states apart (-eva-partition-value) */

static void must(bool ok)
{
	if (!ok)
		(void)*(volatile char *)0;
}

static void look(uint64_t value) { volatile uint64_t used = value; }

/* Each by itself: a state of its own is returned for each. */
static uint32_t each_of(uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (any_bool)
			return i;
	return to;
}

/* From the beginning, whatever file it is. */
static void reader_any(struct reader *r)
{
	*r = (struct reader){ .len = any_u64, .arena = &arena, .section = "section" };
	reader_failed = false;
}

void reader_fail(struct reader *r, const char *reason)
{
	if (!r->failed)
		r->error = (struct flask_error){ .offset = any_u64, .section = r->section, .reason = reason };
	r->failed = true;
	reader_failed = true;
}

bool reader_require(struct reader *r, bool ok, const char *reason)
{
	if (!ok)
		reader_fail(r, reason);
	return !r->failed;
}

/* Whether something can still be read. */
static bool reader_good(struct reader *r)
{
	if (!r->failed && any_bool)
		reader_fail(r, "the file ends");
	return !r->failed;
}

uint16_t read_u16(struct reader *r) { return reader_good(r) ? any_u16 : 0; }
uint32_t read_u32(struct reader *r) { return reader_good(r) ? any_u32 : 0; }
uint64_t read_u64(struct reader *r) { return reader_good(r) ? any_u64 : 0; }

bool reader_has(struct reader *r, uint64_t n, size_t min_bytes)
{
	must(min_bytes > 0);
	return reader_good(r);
}

uint32_t read_count(struct reader *r, size_t min_bytes)
{
	must(min_bytes > 0);
	return reader_good(r) ? each_of(least, most) : 0;
}

void *reader_array(struct reader *r, size_t n, size_t size)
{
	struct piece *p = piece[pieces % PIECES];

	must(size > 0 && n * size <= PIECE && pieces < PIECES);
	if (!r->failed && any_bool) {
		r->no_memory = true;
		reader_fail(r, "no memory");
	}
	if (r->failed)
		return NULL;
	pieces++;
	*p = zero;
	return p->byte + PIECE - n * size;
}

/* A text: none, the one that a name is compared with, or any other of one letter. */
const char *read_name(struct reader *r, uint32_t len)
{
	static char name[2];

	if (!reader_good(r))
		return "";
	name[0] = (char)any_byte;
	return any_bool ? "object_r" : name;
}

void symtab_create(struct reader *r, struct symtab *t, uint32_t nprim, uint32_t nr)
{
	*t = (struct symtab){ .nr_buckets = nr ? nr : 1 };
	t->name_of = reader_array(r, nprim, sizeof(*t->name_of));
	if (r->failed)
		return;
	t->nprim = nprim;
	t->capacity = nr;
}

void symtab_read_head(struct reader *r, struct symtab *t, uint32_t max_values, size_t min_bytes)
{
	uint32_t nprim = each_of(least_values, most_values), nr = read_count(r, min_bytes);

	*t = (struct symtab){ 0 };
	if (reader_require(r, nprim <= max_values && (nr == 0 || nprim > 0) && !any_bool, "a symbol table"))
		symtab_create(r, t, nprim, nr);
}

/* What a name is, is nobody's business here: another may stand there already, or the value have one. */
void symtab_add(struct reader *r, struct symtab *t, const char *name, uint32_t value, bool primary)
{
	look((uint8_t)*name);
	if (value < 1 || value > t->nprim || t->nr >= t->capacity) {
		reader_fail(r, "a name");
		return;
	}
	if (!reader_good(r))
		return;
	t->nr++;
	if (primary)
		t->name_of[value - 1] = name;
}

void symtab_read_name(struct reader *r, struct symtab *t, uint32_t len, uint32_t value, bool primary)
{
	symtab_add(r, t, read_name(r, len), value, primary);
}

uint32_t symtab_find(const struct symtab *t, const char *name, size_t len)
{
	look((uint8_t)*name);
	return t->nr && any_bool ? 1 + any_u32 % t->nprim : 0;
}

void bitset_set(struct bitset *b, const struct bitset_word *word, uint32_t nr)
{
	b->word = word;
	b->nr = nr;
}

/* Nobody here looks into a set: how many words there are is not taken by itself. */
void bitset_read(struct reader *r, struct bitset *b, uint32_t limit)
{
	static struct bitset_word words[3];

	bitset_set(b, NULL, 0);
	if (!reader_good(r))
		return;
	for (uint32_t i = 0; i < 3; i++)
		words[i] = (struct bitset_word){ any_u32 & ~63u, any_u64 };
	bitset_set(b, words, any_u32 % 4);
}
