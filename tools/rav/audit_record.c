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

/* What is left of a line that is being read. */
static bool take(struct audit_text *left, const char *word)
{
	size_t n = strlen(word);

	if (left->len < n || memcmp(left->at, word, n) != 0)
		return false;
	left->at += n;
	left->len -= n;
	return true;
}

static bool take_number(struct audit_text *left, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;
	size_t i = 0;

	for (; i < left->len && left->at[i] >= '0' && left->at[i] <= '9'; i++)
		if (__builtin_mul_overflow(n, 10u, &n) || __builtin_add_overflow(n, (uint64_t)(left->at[i] - '0'), &n))
			return false;
	left->at += i;
	left->len -= i;
	*out = n;
	return i > 0 && n <= max;
}

static bool is_printable(const char *line, size_t len)
{
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
	r->type = (struct audit_text){ left.at, (size_t)(space - left.at) };
	left.len -= r->type.len;
	left.at = space;
	if (!take(&left, " msg=audit(") || !take_number(&left, UINT64_MAX / 1000 - 1, &seconds) || !take(&left, ".") ||
	    !take_number(&left, 999, &ms) || !take(&left, ":") || !take_number(&left, UINT64_MAX, &r->seq) || !take(&left, "): "))
		return false;
	r->line = (struct audit_text){ line, len };
	r->text = left;
	r->ms = seconds * 1000 + ms;
	return true;
}

static bool is_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* From `at` on, which stands behind '='. */
static struct audit_text value_at(struct audit_text text, size_t at)
{
	size_t end = at;

	if (at < text.len && text.at[at] == '"') {
		for (end = at + 1; end < text.len && text.at[end] != '"'; end++)
			;
		return (struct audit_text){ text.at + at + 1, end - at - 1 };
	}
	while (end < text.len && text.at[end] != ' ')
		end++;
	return (struct audit_text){ text.at + at, end - at };
}

bool audit_record_next(const struct audit_record *r, size_t *at, struct audit_text *key, struct audit_text *value)
{
	size_t i = *at;

	while (i < r->text.len) {
		size_t start = i;

		while (i < r->text.len && is_key(r->text.at[i]))
			i++;
		if (i > start && i < r->text.len && r->text.at[i] == '=') {
			*key = (struct audit_text){ r->text.at + start, i - start };
			*value = value_at(r->text, i + 1);
			*at = (size_t)(value->at - r->text.at) + value->len;
			return true;
		}
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

	while (audit_record_next(r, &at, &k, value))
		if (audit_text_is(k, key))
			return true;
	return false;
}

bool audit_record_number(const struct audit_record *r, const char *key, uint64_t *value)
{
	struct audit_text t;

	return audit_record_field(r, key, &t) && take_number(&t, UINT64_MAX, value) && t.len == 0;
}

/* avc:  denied  { map_read map_write } for … */
bool audit_record_avc(const struct audit_record *r, struct audit_text *decision, struct audit_text *permissions)
{
	struct audit_text left = r->text;
	const char *end;

	if (!take(&left, "avc:  "))
		return false;
	*decision = (struct audit_text){ left.at, strlen("granted") };
	if (take(&left, "denied"))
		decision->len = strlen("denied");
	else if (!take(&left, "granted"))
		return false;
	if (!take(&left, "  { "))
		return false;
	end = memchr(left.at, '}', left.len);
	if (!end || end == left.at || end[-1] != ' ')
		return false;
	*permissions = (struct audit_text){ left.at, (size_t)(end - 1 - left.at) };
	return true;
}
