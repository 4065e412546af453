/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav's own reader of CIL, which finds forms and names in texts that libsepol has refused: within the text, forward, and lines counted.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tools/rav/cil.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void form_check(const struct cil_source *s, const struct cil_form *f)
{
	const char *word;
	size_t at = 0, n;

	if (f->text < s->text || f->text + f->len > s->text + s->len || f->line == 0)
		abort();
	while ((n = cil_word_next(f, &at, &word)) > 0)
		if (word < f->text || word + n > f->text + f->len || at > f->len)
			abort();
	(void)cil_form_is(f, "type");
	(void)cil_form_is(f, "allow");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct cil_source s = { .path = (char *)"fuzz.cil", .len = len };
	struct cil_set set = { .source = &s, .nr = 1 };
	unsigned int line = 1, last = 1;
	struct cil_form f;
	size_t at = 0, before = 0;

	s.text = malloc(len ? len : 1);
	memcpy(s.text, bytes, len);
	(void)cil_is_source(bytes, len);
	while (cil_form_next(&s, &at, &line, &f)) {
		form_check(&s, &f);
		if (at <= before || at > len || line < last)
			abort();
		before = at;
		last = line;
	}
	(void)cil_set_declares(&set, "guest_t", 7);
	free(s.text);
	return 0;
}
