/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where statements stand in a CIL source: libsepol's messages name lines, not words, and a
 * constraint's place not at all.
 * Locking: none. Trust: the administrator's text, which may be malformed: nothing is read beyond
 * its end.
 */
#include <string.h>

#include "cil.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0';
}

static size_t comment_end(const char *text, size_t len, size_t at)
{
	while (at < len && text[at] != '\n')
		at++;
	return at;
}

static size_t string_end(const char *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"'; at++)
		;
	return at < len ? at + 1 : len;
}

bool cil_form_next(const struct cil_source *s, size_t *at, unsigned int *line, struct cil_form *f)
{
	unsigned int depth = 0;
	size_t i = *at, next;

	for (f->text = NULL; i < s->len; i = next) {
		char c = s->text[i];

		next = c == ';'	  ? comment_end(s->text, s->len, i)
		       : c == '"' ? string_end(s->text, s->len, i)
				  : i + 1;
		if (c == '(' && depth++ == 0) {
			f->text = s->text + i;
			f->line = *line;
		}
		for (size_t k = i; k < next; k++)
			*line += s->text[k] == '\n';
		if (c == ')' && depth && --depth == 0) {
			f->len = (size_t)(s->text + next - f->text);
			*at = next;
			return true;
		}
	}
	*at = s->len;
	return false;
}

size_t cil_word_next(const struct cil_form *f, size_t *at, const char **word)
{
	size_t i = *at, begin;

	for (; i < f->len; i++) {
		if (f->text[i] == ';')
			i = comment_end(f->text, f->len, i);
		if (i < f->len && !is_blank(f->text[i]) && f->text[i] != '(' && f->text[i] != ')')
			break;
	}
	for (begin = i; i < f->len && !is_blank(f->text[i]) && !strchr("();", f->text[i]); i++)
		;
	*word = f->text + begin;
	*at = i;
	return i - begin;
}

bool cil_form_is(const struct cil_form *f, const char *keyword)
{
	size_t at = 0, len;
	const char *word;

	len = cil_word_next(f, &at, &word);
	return len == strlen(keyword) && memcmp(word, keyword, len) == 0;
}

static bool is_declaration(const char *word, size_t len)
{
	static const char *const keywords[] = {
		"type",		"typeattribute", "typealias", "role",	     "roleattribute",
		"user",		"userattribute", "class",     "common",	     "classpermission",
		"classmap",	"sensitivity",	 "category",  "categoryset", "level",
		"levelrange",	"context",	 "sid",	      "macro",	     "block",
		"boolean",	"tunable",	 "optional",  "name",	     "string",
		"classmapping",
	};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strlen(keywords[i]) == len && memcmp(keywords[i], word, len) == 0)
			return true;
	return false;
}

/* "(type x" at any depth: declarations, and parameters of macros; the permissions of a class. */
static bool form_declares(const struct cil_form *f, const char *name, size_t len)
{
	const char *word, *before = NULL;
	bool of_permissions = cil_form_is(f, "class") || cil_form_is(f, "common");
	size_t at = 0, n, before_len = 0;

	while ((n = cil_word_next(f, &at, &word)) > 0) {
		if (before && n == len && memcmp(word, name, len) == 0 &&
		    (of_permissions || is_declaration(before, before_len)))
			return true;
		before = word;
		before_len = n;
	}
	return false;
}

bool cil_set_declares(const struct cil_set *set, const char *name, size_t len)
{
	for (size_t i = 0; i < set->nr; i++) {
		struct cil_form f;
		unsigned int line = 1;
		size_t at = 0;

		while (cil_form_next(&set->source[i], &at, &line, &f))
			if (form_declares(&f, name, len))
				return true;
	}
	return false;
}
