/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of the log as its fields. Nothing is copied; every length is bounded by the line's.
 * Locking: none. Trust: the line is hostile.
 */
#include "audit.h"

#include <string.h>

bool audit_text_is(struct audit_text t, const char *s)
{
	return t.len == strlen(s) && memcmp(t.at, s, t.len) == 0;
}

/*@
  lemma text_short{L}: \forall char *s; ends(s, 1) || ends(s, 3) || ends(s, 4) || ends(s, 5) || ends(s, 6) || ends(s, 7) || ends(s, 11) ==> text(s);
*/

/*@ requires \valid(t); assigns t->at, t->len; ensures t->at == at && t->len == len; */
static void text_set(struct audit_text *t, const char *at, size_t len)
{
	t->at = at;
	t->len = len;
}

/* What is left of a line that is being read. */
/*@
  requires \valid(left) && bytes(left);
  requires text(word);
  assigns left->at, left->len;
  ensures among(left->at, left->len, \old(left->at), \old(left->len));
*/
static bool take(struct audit_text *left, const char *word)
{
	size_t n = strlen(word);

	if (left->len < n || memcmp(left->at, word, n) != 0)
		return false;
	left->at += n;
	left->len -= n;
	return true;
}

/*@
  requires \valid(left) && bytes(left) && \valid(out) && \separated(left, out);
  assigns left->at, left->len, *out;
  ensures among(left->at, left->len, \old(left->at), \old(left->len));
  ensures \result ==> *out <= max;
*/
static bool take_number(struct audit_text *left, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;
	size_t i = 0;

	/*@
	  loop invariant 0 <= i <= left->len;
	  loop assigns i, n;
	  loop variant left->len - i;
	*/
	for (; i < left->len && left->at[i] >= '0' && left->at[i] <= '9'; i++)
		if (__builtin_mul_overflow(n, 10u, &n) || __builtin_add_overflow(n, (uint64_t)(left->at[i] - '0'), &n))
			return false;
	left->at += i;
	left->len -= i;
	*out = n;
	return i > 0 && n <= max;
}

/*@ requires \valid_read(line + (0 .. len - 1)); assigns \nothing; */
static bool is_printable(const char *line, size_t len)
{
	/*@
	  loop invariant 0 <= i <= len;
	  loop assigns i;
	  loop variant len - i;
	*/
	for (size_t i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			return false;
	return true;
}

bool audit_record_parse(const char *line, size_t len, struct audit_record *r)
{
	struct audit_text left = { line, len };
	uint64_t seconds, ms;
	const char *space;

	if (len >= RAVELIN_AUDIT_LINE_MAX || !is_printable(line, len) || !take(&left, "type="))
		return false;
	space = memchr(left.at, ' ', left.len);
	if (!space || space == left.at)
		return false;
	text_set(&r->type, left.at, (size_t)(space - left.at));
	/*@ assert among(r->type.at, r->type.len, line, len); */
	text_set(&left, space, left.len - r->type.len);
	/*@ assert among(left.at, left.len, line, len); */
	if (!take(&left, " msg=audit(") || !take_number(&left, UINT64_MAX / 1000 - 1, &seconds) || !take(&left, ".") ||
	    !take_number(&left, 999, &ms) || !take(&left, ":") || !take_number(&left, UINT64_MAX, &r->seq) || !take(&left, "): "))
		return false;
	/*@ assert among(r->type.at, r->type.len, line, len); */ /*@ assert among(left.at, left.len, line, len); */
	text_set(&r->line, line, len);
	text_set(&r->text, left.at, left.len);
	r->ms = seconds * 1000 + ms;
	/*@ assert part(&r->type, &r->line); */ /*@ assert part(&r->text, &r->line); */
	return true;
}

/*@ assigns \nothing; */
static bool is_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/*@
  requires \valid_read(text) && bytes(text) && at <= text->len;
  requires \valid(value) && \separated(value, text);
  assigns value->at, value->len;
  ensures part(value, text) && text->at + at <= value->at;
*/
/* From `at` on, which stands behind '='. */
static void value_at(const struct audit_text *text, size_t at, struct audit_text *value)
{
	size_t end = at;

	if (at < text->len && text->at[at] == '"') {
		/*@
		  loop invariant at < end <= text->len;
		  loop assigns end;
		  loop variant text->len - end;
		*/
		for (end = at + 1; end < text->len && text->at[end] != '"'; end++)
			;
		text_set(value, text->at + at + 1, end - at - 1);
		return;
	}
	/*@
	  loop invariant at <= end <= text->len;
	  loop assigns end;
	  loop variant text->len - end;
	*/
	while (end < text->len && text->at[end] != ' ')
		end++;
	text_set(value, text->at + at, end - at);
}

bool audit_record_next(const struct audit_record *r, size_t *at, struct audit_text *key, struct audit_text *value)
{
	size_t i = *at;

	/*@
	  loop invariant *at <= i;
	  loop assigns i;
	  loop variant r->text.len - i;
	*/
	while (i < r->text.len) {
		size_t start = i;

		/*@
		  loop invariant start <= i <= r->text.len;
		  loop assigns i;
		  loop variant r->text.len - i;
		*/
		while (i < r->text.len && is_key(r->text.at[i]))
			i++;
		if (i > start && i < r->text.len && r->text.at[i] == '=') {
			text_set(key, r->text.at + start, i - start);
			value_at(&r->text, i + 1, value);
			*at = (size_t)(value->at - r->text.at) + value->len;
			return true;
		}
		/*@
		  loop invariant start <= i <= r->text.len;
		  loop assigns i;
		  loop variant r->text.len - i;
		*/
		while (i < r->text.len && r->text.at[i] != ' ')
			i++;
		i += i < r->text.len;
	}
	*at = i;
	return false;
}

bool audit_record_field(const struct audit_record *r, const char *key, struct audit_text *value)
{
	struct audit_text k;
	size_t at = 0;

	/*@
	  loop invariant record(r);
	  loop invariant \forall integer m; \at(ends(key, m), Pre) ==> ends(key, m);
	  loop assigns at, k.at, k.len, value->at, value->len;
	*/
	while (audit_record_next(r, &at, &k, value))
		/*@ assert among(k.at, k.len, r->line.at, r->line.len); */ /*@ assert \forall integer m; \at(ends(key, m), Pre) ==> ends(key, m); */
		if (audit_text_is(k, key))
			return true;
	return false;
}

bool audit_record_number(const struct audit_record *r, const char *key, uint64_t *value)
{
	struct audit_text t;

	/*@ assert \forall integer m; \at(ends(key, m), Pre) ==> ends(key, m); */
	return audit_record_field(r, key, &t) && take_number(&t, UINT64_MAX, value) && t.len == 0;
}

/* avc:  denied  { map_read map_write } for … */
bool audit_record_avc(const struct audit_record *r, struct audit_text *decision, struct audit_text *permissions)
{
	const char *start, *end;
	struct audit_text left;

	left = r->text;
	if (!take(&left, "avc:  "))
		return false;
	start = left.at;
	if (!take(&left, "denied") && !take(&left, "granted"))
		return false;
	/*@ assert among(start, left.at - start, r->text.at, r->text.len); */
	text_set(decision, start, (size_t)(left.at - start));
	/*@ assert part(decision, &r->text); */
	if (!take(&left, "  { "))
		return false;
	end = memchr(left.at, '}', left.len);
	if (!end || end == left.at || end[-1] != ' ')
		return false;
	/*@ assert among(left.at, end - 1 - left.at, r->text.at, r->text.len); */
	text_set(permissions, left.at, (size_t)(end - 1 - left.at));
	/*@ assert part(decision, &r->text); */ /*@ assert part(permissions, &r->text); */
	return true;
}
