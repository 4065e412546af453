/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security contexts from text: user:role:type[:low[-high]].
 * Locking: immutable data. Trust: the text is hostile.
 */
#include <hv/string.h>

#include "policydb.h"

struct text {
	const char *at;
	size_t left;
};

/*@ predicate text_there{L}(struct text t) = \valid_read(t.at + (0 .. t.left - 1)); */

/*@
  predicate names_parsed{L}(struct policy *p) = \valid_read(p) && p->cats.nprim <= POLICY_MAX_CATEGORIES && symtab_ok(&p->levels) && symtab_ok(&p->cats);
  predicate head_same{L1,L2}(struct symtab *t) = symtab_same{L1,L2}(t) && \at(t->nr, L1) == \at(t->nr, L2);
  predicate table_same{L1,L2}(struct symtab *t) = (\forall integer i; \at(t->bucket[i], L1) == \at(t->bucket[i], L2)) &&
    (\forall integer i; \at(t->symbol[i].name, L1) == \at(t->symbol[i].name, L2)) &&
    (\forall integer i; \at(t->symbol[i].value, L1) == \at(t->symbol[i].value, L2)) &&
    (\forall integer i; \at(t->symbol[i].next, L1) == \at(t->symbol[i].next, L2));
*/

/* Cuts off what stands before the first of the two separators; *found is that separator, 0 at the end. */
/*@
  requires \valid(t) && \valid(found) && text_there(*t) && \separated(t, found) && \separated(found, t->at + (0 .. t->left - 1));
  assigns t->at, t->left, *found;
  ensures \result.at == \old(t->at) && \result.left <= \old(t->left) && t->left <= \old(t->left);
  ensures t->at == \old(t->at) + (\old(t->left) - t->left);
  ensures *found != 0 ==> t->left < \old(t->left);
*/
static struct text cut(struct text *t, char a, char b, char *found)
{
	struct text head = { t->at, 0 };

	*found = 0;
	/*@ loop invariant head.left <= t->left && head.at == t->at; loop assigns head.left; loop variant t->left - head.left; */
	while (head.left < t->left && t->at[head.left] != a && t->at[head.left] != b)
		head.left++;
	if (head.left < t->left) {
		*found = t->at[head.left];
		t->at += head.left + 1;
		t->left -= head.left + 1;
	} else {
		t->at += head.left;
		t->left = 0;
	}
	return head;
}

/* "c3" or "c0.c5". */
/*@
  requires names_parsed(p) && text_there(item) && \valid(dense + (0 .. 63));
  assigns dense[0 .. 63];
*/
static bool parse_category(const struct policy *p, struct text item, uint64_t *dense)
{
	char found;
	struct text name = cut(&item, '.', '.', &found);
	uint32_t first = symtab_find(&p->cats, name.at, name.left), last = first;

	if (found) {
		last = symtab_find(&p->cats, item.at, item.left);
		if (last <= first)
			return false;
	}
	if (first == 0)
		return false;
	/*@ loop invariant first - 1 <= i <= last; loop assigns i, dense[0 .. 63]; loop variant last - i; */
	for (uint32_t i = first - 1; i < last; i++)
		dense[i / 64] |= (uint64_t)1 << (i % 64);
	return true;
}

/*@
  requires \valid(out) && \valid(word + (0 .. 63)) && \valid_read(dense + (0 .. 63)) && \separated(out, word + (0 .. 63), dense + (0 .. 63));
  assigns out->word, out->nr, word[0 .. 63];
  ensures bitset_ok(out) && out->word == word && out->nr <= 64;
*/
static void pack(const uint64_t *dense, struct bitset_word *word, struct bitset *out)
{
	uint32_t nr = 0;

	/*@
	  loop invariant nr <= i <= 64 && words_ok(word, nr) && \forall integer j; 0 <= j < nr ==> word[j].start + 64 <= i * 64;
	  loop assigns i, nr, word[0 .. 63];
	  loop variant 64 - i;
	*/
	for (uint32_t i = 0; i < POLICY_MAX_CATEGORIES / 64; i++) {
		if (!dense[i])
			continue;
		word[nr].start = i * 64;
		word[nr++].map = dense[i];
	}
	out->word = word;
	out->nr = nr;
	/*@ assert words_ok(word, nr); */
}

/* "s0" or "s0:c1,c3.c5". */
/*@
  requires names_parsed(p) && text_there(t);
  requires symtab_away(&p->levels, l) && symtab_away(&p->cats, l);
  requires \valid(l) && \valid(word + (0 .. 63)) && \separated(l, word + (0 .. 63)) && \base_addr(word) == \base_addr(l);
  assigns l->sens, l->cats.word, l->cats.nr, word[0 .. 63];
  ensures \result ==> bitset_ok(&l->cats) && l->cats.word == word && l->cats.nr <= 64;
*/
static bool parse_level(const struct policy *p, struct text t, struct level *l, struct bitset_word *word)
{
	uint64_t dense[POLICY_MAX_CATEGORIES / 64] = { 0 };
	char found;
	struct text name = cut(&t, ':', ':', &found);
	uint32_t sens = symtab_find(&p->levels, name.at, name.left);

	if (sens == 0)
		return false;
	/*@
	  loop invariant text_there(t);
	  loop assigns t.at, t.left, found, dense[0 .. 63];
	  loop variant t.left + (found != 0 ? 1 : 0);
	*/
	while (found) {
		struct text item = cut(&t, ',', ',', &found);

		if (!parse_category(p, item, dense))
			return false;
	}
	l->sens = sens;
	pack(dense, word, &l->cats);
	return true;
}

/*@
  requires names_parsed(p) && text_there(t);
  requires symtab_away(&p->levels, range) && symtab_away(&p->cats, range) && apart(p, range);
  requires \base_addr(low) == \base_addr(range) && \base_addr(high) == \base_addr(range);
  requires \valid(range + (0 .. 1)) && \valid(low + (0 .. 63)) && \valid(high + (0 .. 63));
  requires \separated(range + (0 .. 1), low + (0 .. 63), high + (0 .. 63));
  assigns range[0].sens, range[0].cats.word, range[0].cats.nr, low[0 .. 63], range[1].sens, range[1].cats.word, range[1].cats.nr, high[0 .. 63];
  ensures \result ==> bitset_ok(&range[0].cats) && range[0].cats.nr <= 64;
  ensures \result ==> bitset_ok(&range[1].cats) && range[1].cats.nr <= 64;
*/
static bool parse_range(const struct policy *p, struct text t, struct level range[2], struct bitset_word *low, struct bitset_word *high)
{
	char found;
	struct text first = cut(&t, '-', '-', &found);

	/*@ ghost L: ; */
	if (!parse_level(p, first, &range[LOW], low))
		return false;
	/*@ assert head_same{L,Here}(&p->levels); */
	/*@ assert head_same{L,Here}(&p->cats); */
	/*@ assert table_same{L,Here}(&p->levels); */
	/*@ assert table_same{L,Here}(&p->cats); */
	/*@ assert symtab_ok(&p->levels); */
	/*@ assert symtab_ok(&p->cats); */
	if (found) {
		/*@ ghost M: ; */
		if (!parse_level(p, t, &range[HIGH], high))
			return false;
		/*@ assert range[LOW].cats.nr == \at(range[LOW].cats.nr, M) <= 64 && range[LOW].cats.word == low; */
		/*@ assert \forall integer i; 0 <= i < 64 ==> low[i].start == \at(low[i].start, M); */
		/*@ assert \forall integer i; 0 <= i < 64 ==> low[i].map == \at(low[i].map, M); */
		/*@ assert words_ok(low, range[LOW].cats.nr); */
		return true;
	}
	range[HIGH].sens = range[LOW].sens;
	range[HIGH].cats.word = low;
	range[HIGH].cats.nr = range[LOW].cats.nr;
	/*@ assert words_ok(low, range[LOW].cats.nr); */
	return true;
}

/*@
  requires names_parsed(p);
  requires names_read(p);
  requires roles_read(p);
  requires users_read(p);
  requires levels_read(p);
  requires text_there(range);
  requires \valid(d) && policy_away(p, d);
  assigns *d;
  ensures \result ==> 1 <= d->c.user <= p->users.nprim && 1 <= d->c.role <= p->roles.nprim && 1 <= d->c.type <= p->types.nprim;
  ensures \result ==> bitset_ok(&d->c.level[0].cats) && d->c.level[0].cats.nr <= 64;
  ensures \result ==> bitset_ok(&d->c.level[1].cats) && d->c.level[1].cats.nr <= 64;
*/
static bool draft_fill(const struct policy *p, struct text range, struct context_draft *d, uint32_t user, uint32_t role, uint32_t type)
{
	d->c = (struct context){ .user = user, .role = role, .type = type };
	return (!p->mls || parse_range(p, range, d->c.level, d->words[LOW], d->words[HIGH])) && policy_context_valid(p, &d->c);
}

bool policy_context_parse(const struct policy *p, const char *text, size_t len, struct context_draft *d)
{
	char found;
	struct text t = { text, strnlen(text, len) };
	struct text user_name = cut(&t, ':', ':', &found), role_name = cut(&t, ':', ':', &found), type_name = cut(&t, ':', ':', &found);
	uint32_t user = symtab_find(&p->users, user_name.at, user_name.left);
	uint32_t role = symtab_find(&p->roles, role_name.at, role_name.left);
	uint32_t type = symtab_find(&p->types, type_name.at, type_name.left);

	if (!user || !role || !type || p->type[type - 1].attribute || (found != 0) != p->mls)
		return false;
	return draft_fill(p, t, d, user, role, type);
}
