/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a store of resources' labels: refused with a line and a reason, or a store that is found in again and printed to the same bytes. What was
 * refused as a store is a resource's text or a name. Seeds: fuzz.mk.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tools/rav/shype_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void use(struct store *s, const char *bytes, size_t len)
{
	size_t size, nr = s->nr;
	char *text = store_print(s, &size);

	if (!text || size != len || memcmp(text, bytes, len) != 0)
		abort();
	free(text);
	for (size_t i = 0; i < nr; i++) {
		char what[RESOURCE_TEXT];
		struct resource r;

		resource_text(&s->list[i], what);
		if (!resource_parse(what, &r) || store_find(s, r.kind, r.id) != &s->list[i])
			abort();
	}
	while (s->nr) {
		struct resource r = s->list[s->nr / 2];

		if (!store_remove(s, r.kind, r.id) || store_find(s, r.kind, r.id))
			abort();
	}
}

static void words_use(const char *bytes, size_t len)
{
	char *text = strndup(bytes, len), out[RESOURCE_ID], back[RESOURCE_TEXT];
	struct resource r;

	if (resource_parse(text, &r)) {
		resource_text(&r, back);
		if (strcmp(back, text) != 0)
			abort();
	}
	if (resource_escape(text, out, sizeof(out)) && !strchr(out, '/')) {
		memcpy(back, "disk ", 5);
		strcpy(back + 5, out);
		if (!resource_parse(back, &r))
			abort();
	}
	resource_name_valid(text);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct store s;
	char why[WHY] = "";

	if (store_parse((const char *)bytes, len, &s, why) == 0)
		use(&s, (const char *)bytes, len);
	else if (strncmp(why, "line ", 5) != 0 || s.list)
		abort();
	else
		words_use((const char *)bytes, len);
	store_free(&s);
	return 0;
}
