/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AVC records: "avc:  denied  { perm perm } for key=value … scontext=… tcontext=… tclass=…".
 * Locking: none. Trust: see avc_line.h. Fuzzed by tests/fuzz/fuzz_avc_line.c.
 */
#include "avc_line.h"

#include <string.h>

struct cursor {
	const char *at, *end;
};

/* The next word: no blank in it; false at the end. */
static bool word_next(struct cursor *c, const char **word, size_t *len)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
		c->at++;
	*word = c->at;
	while (c->at < c->end && *c->at != ' ' && *c->at != '\t')
		c->at++;
	*len = (size_t)(c->at - *word);
	return *len > 0;
}

static bool word_is(const char *word, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(word, text, len) == 0;
}

/*
 * Copies a name whole and printable, or not at all. Quotes around it, as auditd may put them, go.
 */
static bool copy_name(char *to, size_t size, const char *from, size_t len)
{
	if (len >= 2 && from[0] == '"' && from[len - 1] == '"') {
		from++;
		len -= 2;
	}
	if (len == 0 || len >= size)
		return false;
	for (size_t i = 0; i < len; i++)
		if (from[i] <= ' ' || from[i] > '~')
			return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

static bool value_take(const char *word, size_t len, const char *key, char *to, size_t size)
{
	size_t key_len = strlen(key);

	return len > key_len && memcmp(word, key, key_len) == 0 &&
	       copy_name(to, size, word + key_len, len - key_len);
}

static const char *parse_perms(struct cursor *c, struct avc_line *a)
{
	const char *word;
	size_t len;

	if (!word_next(c, &word, &len) || !word_is(word, len, "{"))
		return "no '{ permissions }' behind denied or granted";
	while (word_next(c, &word, &len) && !word_is(word, len, "}"))
		if (a->nr_perms == AVC_PERMS ||
		    !copy_name(a->perm[a->nr_perms++], AVC_NAME, word, len))
			return "the permissions are no names, or more than 32";
	if (!len)
		return "the permissions have no '}'";
	return a->nr_perms ? NULL : "no permission between the braces";
}

static void parse_field(const char *word, size_t len, struct avc_line *a)
{
	if (word_is(word, len, "permissive=1"))
		a->permissive = true;
	if (!a->source[0] && value_take(word, len, "scontext=", a->source, sizeof(a->source)))
		return;
	if (!a->target[0] && value_take(word, len, "tcontext=", a->target, sizeof(a->target)))
		return;
	if (!a->class_name[0] &&
	    value_take(word, len, "tclass=", a->class_name, sizeof(a->class_name)))
		return;
	if (!a->operation[0])
		(void)value_take(word, len, "op=", a->operation, sizeof(a->operation));
}

static const char *parse_record(struct cursor *c, struct avc_line *a)
{
	const char *word, *why;
	size_t len;

	if (!word_next(c, &word, &len) ||
	    !(word_is(word, len, "denied") || word_is(word, len, "granted")))
		return "neither denied nor granted";
	a->granted = word[0] == 'g';
	why = parse_perms(c, a);
	if (why)
		return why;
	while (word_next(c, &word, &len))
		parse_field(word, len, a);
	if (!a->source[0])
		return "no scontext=";
	if (!a->target[0])
		return "no tcontext=";
	return a->class_name[0] ? NULL : "no tclass=";
}

enum avc_verdict avc_line_parse(const char *text, size_t len, struct avc_line *a, const char **why)
{
	struct cursor c = { text, text + len };
	const char *word;
	size_t n;

	memset(a, 0, sizeof(*a));
	while (c.end > c.at && (c.end[-1] == '\n' || c.end[-1] == '\r'))
		c.end--;
	while (word_next(&c, &word, &n))
		if (word_is(word, n, "avc:")) {
			*why = parse_record(&c, a);
			return *why ? AVC_MALFORMED : AVC_OK;
		}
	return AVC_NO_RECORD;
}
