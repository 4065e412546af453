/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of resources' labels in memory, and its text:
 *	ravelin-shype-labels 1
 *	KIND ID POLICY LABEL SEEN	…in order, one blank between
 *	end COUNT
 * Locking: none. Trust: every byte is hostile; a text that is accepted is the one that printing gives again, byte by byte.
 */
#include "shype_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define FIRST_LINE "ravelin-shype-labels 1"

const char *const resource_kinds[RESOURCE_KINDS] = { "bridge", "disk", "image" };

/* --- words ------------------------------------------------------------------------------------------------------------------- */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("._:-+/", c));
}

bool resource_escape(const char *text, char *out, size_t size)
{
	size_t at = 0;

	for (; *text; text++) {
		if (at + 4 > size)
			return false;
		if (is_plain(*text))
			out[at++] = *text;
		else
			at += (size_t)snprintf(out + at, size - at, "%%%02X", (unsigned char)*text);
	}
	out[at] = '\0';
	return at > 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What resource_escape() writes: each escape is needed, and has capital digits. */
static bool escaped_valid(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++) {
		int high, low;

		if (is_plain(*s))
			continue;
		high = *s == '%' ? hex_digit(s[1]) : -1;
		low = high >= 0 ? hex_digit(s[2]) : -1;
		if (low < 0 || (high | low) == 0 || is_plain((char)(high << 4 | low)))
			return false;
		s += 2;
	}
	return true;
}

bool resource_name_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < SHYPE_NAME && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == len;
}

void resource_text(const struct resource *r, char text[RESOURCE_TEXT])
{
	snprintf(text, RESOURCE_TEXT, "%s %s", resource_kinds[r->kind], r->id);
}

static bool kind_parse(const char *word, enum resource_kind *kind)
{
	for (unsigned int k = 0; k < RESOURCE_KINDS; k++)
		if (strcmp(resource_kinds[k], word) == 0) {
			*kind = (enum resource_kind)k;
			return true;
		}
	return false;
}

static bool id_valid(const char *id)
{
	return strlen(id) < RESOURCE_ID && !strchr(id, '/') && escaped_valid(id);
}

bool resource_parse(const char *text, struct resource *r)
{
	char copy[RESOURCE_TEXT], *id;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	id = strchr(copy, ' ');
	if (!id)
		return false;
	*id++ = '\0';
	*r = (struct resource){ 0 };
	if (!kind_parse(copy, &r->kind) || !id_valid(id))
		return false;
	strcpy(r->id, id);
	return true;
}

/* --- the list ------------------------------------------------------------------------------------------------------------------ */

static int resource_compare(enum resource_kind kind, const char *id, const struct resource *r)
{
	return kind != r->kind ? (kind < r->kind ? -1 : 1) : strcmp(id, r->id);
}

/* Where it is, or would be. */
static size_t store_place(const struct store *s, enum resource_kind kind, const char *id)
{
	size_t low = 0, high = s->nr;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (resource_compare(kind, id, &s->list[mid]) > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct resource *store_find(const struct store *s, enum resource_kind kind, const char *id)
{
	size_t at = store_place(s, kind, id);

	return at < s->nr && resource_compare(kind, id, &s->list[at]) == 0 ? &s->list[at] : NULL;
}

int store_put(struct store *s, const struct resource *r)
{
	size_t at = store_place(s, r->kind, r->id);
	struct resource *list;

	if (at < s->nr && resource_compare(r->kind, r->id, &s->list[at]) == 0) {
		s->list[at] = *r;
		return 0;
	}
	if (s->nr == STORE_MOST)
		return -ENOSPC;
	list = reallocarray(s->list, s->nr + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	s->list = list;
	memmove(&list[at + 1], &list[at], (s->nr - at) * sizeof(*list));
	list[at] = *r;
	s->nr++;
	return 0;
}

bool store_remove(struct store *s, enum resource_kind kind, const char *id)
{
	size_t at = store_place(s, kind, id);

	if (at == s->nr || resource_compare(kind, id, &s->list[at]) != 0)
		return false;
	s->nr--;
	memmove(&s->list[at], &s->list[at + 1], (s->nr - at) * sizeof(*s->list));
	return true;
}

void store_free(struct store *s)
{
	free(s->list);
	*s = (struct store){ 0 };
}

/* --- its text ------------------------------------------------------------------------------------------------------------------ */

struct reading {
	const char *at, *end;
	unsigned int line;
	char *why;
};

static int refuse(const struct reading *r, const char *reason)
{
	snprintf(r->why, WHY, "line %u: %s", r->line, reason);
	return -EINVAL;
}

/* The next word of the line, which `last` ends: a blank or a newline. */
static bool word_read(struct reading *r, char *word, size_t size, char last)
{
	size_t n = 0;

	while (r->at + n < r->end && r->at[n] > ' ' && r->at[n] < 0x7f)
		n++;
	if (n == 0 || n >= size || r->at + n == r->end || r->at[n] != last)
		return false;
	memcpy(word, r->at, n);
	word[n] = '\0';
	r->at += n + 1;
	return true;
}

static int resource_read(struct reading *r, const char *kind, struct resource *out)
{
	*out = (struct resource){ 0 };
	if (!kind_parse(kind, &out->kind))
		return refuse(r, "no such kind of resource");
	if (!word_read(r, out->id, sizeof(out->id), ' ') || !id_valid(out->id))
		return refuse(r, "the identifier is none");
	if (!word_read(r, out->policy, sizeof(out->policy), ' ') || !resource_name_valid(out->policy))
		return refuse(r, "the policy's name is none");
	if (!word_read(r, out->label, sizeof(out->label), ' ') || !resource_name_valid(out->label))
		return refuse(r, "the label is none");
	if (!word_read(r, out->seen, sizeof(out->seen), '\n') || !escaped_valid(out->seen))
		return refuse(r, "the place is none, or something follows it");
	return 0;
}

/* At the end, which says how many there were: nothing is missing, and nothing follows. */
static int end_read(struct reading *r, const struct store *s)
{
	char count[8], want[24];

	snprintf(want, sizeof(want), "%zu", s->nr);
	if (!word_read(r, count, sizeof(count), '\n') || strcmp(count, want) != 0)
		return refuse(r, "the count at the end is wrong");
	return r->at == r->end ? 0 : refuse(r, "something follows the end");
}

static int line_read(struct reading *r, struct store *s, bool *ended)
{
	struct resource next;
	char kind[8];
	int rc;

	if (!word_read(r, kind, sizeof(kind), ' '))
		return refuse(r, "cut short, or no line of a store");
	*ended = strcmp(kind, "end") == 0;
	if (*ended)
		return end_read(r, s);
	rc = resource_read(r, kind, &next);
	if (rc)
		return rc;
	if (s->nr && resource_compare(next.kind, next.id, &s->list[s->nr - 1]) <= 0)
		return refuse(r, "out of order, or twice");
	rc = store_put(s, &next);
	return rc ? refuse(r, "too many") : 0;
}

int store_parse(const char *text, size_t len, struct store *s, char why[WHY])
{
	static const char first[] = FIRST_LINE "\n";
	struct reading r = { .at = text, .end = text + len, .line = 1, .why = why };
	bool ended = false;
	int rc = 0;

	*s = (struct store){ 0 };
	if (len > STORE_BYTES_MAX)
		return refuse(&r, "the file is too large");
	if (len < sizeof(first) - 1 || memcmp(text, first, sizeof(first) - 1) != 0)
		return refuse(&r, "this is no store of labels, or of a version that is not known");
	r.at += sizeof(first) - 1;
	while (rc == 0 && !ended) {
		r.line++;
		rc = line_read(&r, s, &ended);
	}
	if (rc)
		store_free(s);
	return rc;
}

char *store_print(const struct store *s, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (!f)
		return NULL;
	fprintf(f, FIRST_LINE "\n");
	for (size_t i = 0; i < s->nr; i++) {
		const struct resource *r = &s->list[i];

		fprintf(f, "%s %s %s %s %s\n", resource_kinds[r->kind], r->id, r->policy, r->label, r->seen);
	}
	fprintf(f, "end %zu\n", s->nr);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}
