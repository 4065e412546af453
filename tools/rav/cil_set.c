/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sources of a policy: files and directories, and what every policy of ours begins with.
 * Locking: none. Trust: the administrator's files.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binary.h"
#include "cil.h"
#include "common.h"
#include "files.h"
#include "perms.h"

bool cil_is_source(const uint8_t *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && strchr(" \t\r\n", bytes[i]) && bytes[i])
		i++;
	return i == len || bytes[i] == '(' || bytes[i] == ';';
}

static void set_take(struct cil_set *set, const char *path, char *text, size_t len)
{
	set->source = rav_grow(set->source, set->nr + 1, sizeof(*set->source));
	set->source[set->nr++] = (struct cil_source){ rav_copy(path), text, len };
}

void cil_set_add(struct cil_set *set, const char *path, const char *text, size_t len)
{
	char *copy = rav_alloc(len + 1, 1);

	memcpy(copy, text, len);
	set_take(set, path, copy, len);
}

static int set_add_file(struct cil_set *set, const char *path)
{
	uint8_t *bytes;
	size_t len;
	int rc = file_read(path, &bytes, &len);

	if (rc != RAV_OK)
		return rc;
	if (!cil_is_source(bytes, len)) {
		rc = rav_fail(binary_is_policy(bytes, len)
				      ? "name one compiled policy alone, or sources alone"
				      : NULL,
			      "%s: no CIL source", path);
		free(bytes);
		return rc;
	}
	set_take(set, path, (char *)bytes, len);
	return RAV_OK;
}

static int is_cil(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 4 && d->d_name[0] != '.' && strcmp(d->d_name + len - 4, ".cil") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int set_add_directory(struct cil_set *set, const char *path)
{
	size_t dir_len = strlen(path);
	struct dirent **entry;
	int n = scandir(path, &entry, is_cil, by_name), rc = RAV_OK;

	if (n < 0)
		return rav_fail(NULL, "%s: %s", path, strerror(errno));
	while (dir_len > 1 && path[dir_len - 1] == '/')
		dir_len--;
	for (int i = 0; i < n; i++) {
		size_t size = dir_len + strlen(entry[i]->d_name) + 2;
		char *name = rav_alloc(size, 1);

		snprintf(name, size, "%.*s/%s", (int)dir_len, path, entry[i]->d_name);
		if (rc == RAV_OK)
			rc = set_add_file(set, name);
		free(name);
		free(entry[i]);
	}
	free(entry);
	return n || rc != RAV_OK ? rc
				 : rav_fail("name a directory of CIL sources, as policy/flask",
					    "%s: no *.cil in it", path);
}

static bool set_has(const struct cil_set *set, const char *keyword)
{
	for (size_t i = 0; i < set->nr; i++) {
		struct cil_form f;
		unsigned int line = 1;
		size_t at = 0;

		while (cil_form_next(&set->source[i], &at, &line, &f))
			if (cil_form_is(&f, keyword))
				return true;
	}
	return false;
}

static void set_complete(struct cil_set *set)
{
	size_t len;
	char *text;

	if (!set_has(set, "classorder")) {
		text = cil_classes(&len);
		set_take(set, "<classes>", text, len);
	}
	if (!set_has(set, "categoryorder")) {
		text = cil_categories(&len);
		set_take(set, "<categories>", text, len);
	}
}

int cil_set_open(struct cil_set **out, const char *const *paths, size_t n)
{
	struct cil_set *set = rav_alloc(1, sizeof(*set));
	int rc = RAV_OK;

	set->version = 30;
	for (size_t i = 0; i < n && rc == RAV_OK; i++)
		rc = file_is_directory(paths[i]) ? set_add_directory(set, paths[i])
						 : set_add_file(set, paths[i]);
	if (rc != RAV_OK) {
		cil_set_close(set);
		return rc;
	}
	set_complete(set);
	*out = set;
	return RAV_OK;
}

void cil_set_close(struct cil_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->nr; i++) {
		free(set->source[i].path);
		free(set->source[i].text);
	}
	free(set->source);
	free(set);
}

void cil_set_replace_generated(struct cil_set *set, const char *path, const char *text, size_t len)
{
	while (set->nr && set->source[set->nr - 1].path[0] == '<')
		cil_set_drop(set);
	cil_set_add(set, path, text, len);
}

void cil_set_drop(struct cil_set *set)
{
	set->nr--;
	free(set->source[set->nr].path);
	free(set->source[set->nr].text);
}

const struct cil_source *cil_set_find(const struct cil_set *set, const char *path)
{
	for (size_t i = 0; i < set->nr; i++)
		if (strcmp(set->source[i].path, path) == 0)
			return &set->source[i];
	return NULL;
}

char *cil_classes(size_t *len)
{
	const char *class = "";
	char *text;
	FILE *f = rav_text_open(&text, len);

	FOR_EACH_PERM(e) {
		if (strcmp(class, e->class_name) != 0)
			fprintf(f, "%s(class %s (", *class ? "))\n" : "", e->class_name);
		class = e->class_name;
		fprintf(f, "%s ", e->name);
	}
	fprintf(f, "))\n(classorder (");
	class = "";
	FOR_EACH_PERM(e)
		if (strcmp(class, e->class_name) != 0)
			fprintf(f, "%s ", class = e->class_name);
	fprintf(f, "))\n");
	rav_text_close(f);
	return text;
}

char *cil_categories(size_t *len)
{
	char *text;
	FILE *f = rav_text_open(&text, len);

	for (unsigned int i = 0; i < 1024; i++)
		fprintf(f, "(category c%u)\n", i);
	fprintf(f, "(categoryorder (");
	for (unsigned int i = 0; i < 1024; i++)
		fprintf(f, "c%u ", i);
	fprintf(f, "))\n");
	rav_text_close(f);
	return text;
}
