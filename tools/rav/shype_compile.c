/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sHype's XML into the hypervisor's binary.
 * Locking: single-threaded (libxml2's error handler and entity loader are global). Trust: the XML is hostile: bounded in size and depth, no document
 * type, hence no entities; nothing is ever fetched; then the published schema, then names and limits, at last the hypervisor's own reader.
 */
#include <dlfcn.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "files.h"
#include "shype.h"

/* The schema is part of the program. tools.mk knows that this file depends on it. */
__asm__(".section .rodata\n"
	"shype_schema: .incbin \"policy/shype/ravelin-shype.xsd\"\n"
	"shype_schema_end: .byte 0\n"
	".text\n");
extern const char shype_schema[], shype_schema_end[];

/*
 * libxml2 is loaded when XML is compiled, and at no other time: the control domain loads and asks binaries, and need not carry an XML parser.
 */
#define XML_FUNCTIONS(F) F(xmlReadMemory) F(xmlFreeDoc) F(xmlSetExternalEntityLoader) F(xmlSetStructuredErrorFunc) F(xmlDocGetRootElement) \
	F(xmlNodeGetContent) F(xmlGetProp) F(xmlGetLineNo) F(xmlSchemaNewMemParserCtxt) F(xmlSchemaParse) F(xmlSchemaNewValidCtxt) \
	F(xmlSchemaSetValidStructuredErrors) F(xmlSchemaValidateDoc) F(xmlSchemaFreeValidCtxt) F(xmlSchemaFree) F(xmlSchemaFreeParserCtxt)

static struct {
#define FUNCTION(f) __typeof__(f) *f;
	XML_FUNCTIONS(FUNCTION)
#undef FUNCTION
} lib;

static bool lib_load(void)
{
	void *so = dlopen("libxml2.so.2", RTLD_NOW | RTLD_LOCAL);

	if (!so)
		return false;
#define FUNCTION(f) *(void **)&lib.f = dlsym(so, #f); if (!lib.f) return false;
	XML_FUNCTIONS(FUNCTION)
#undef FUNCTION
	return true;
}

struct compiler {
	const char *path;
	unsigned int errors;
	struct shype_header header;
	struct shype_name_record ste[SHYPE_TYPES_MAX], wall[SHYPE_TYPES_MAX];
	struct shype_set_record set[SHYPE_SETS_MAX];
	struct shype_label_record label[SHYPE_LABELS_MAX];
	struct shype_pattern_record pattern[SHYPE_PATTERNS_MAX];
};

static void __attribute__((format(printf, 3, 4))) error_at(struct compiler *c, long line, const char *fmt, ...)
{
	va_list ap;

	c->errors++;
	fprintf(stderr, "%s:%ld: ", c->path, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* --- libxml2 ---------------------------------------------------------------------------------------------------------------- */

static void xml_error(void *arg, xmlErrorPtr e)
{
	struct compiler *c = arg;
	int len = e->message ? (int)strcspn(e->message, "\n") : 0;

	error_at(c, e->line, "%.*s", len, e->message ? e->message : "");
}

static xmlParserInputPtr nothing_is_fetched(const char *url, const char *id, xmlParserCtxtPtr context)
{
	(void)url, (void)id, (void)context;
	return NULL;
}

/* Entities are the whole danger of XML, and no policy needs one. A NUL would hide one from this search. */
static bool plain_enough(struct compiler *c, const uint8_t *xml, size_t size)
{
	if (size > SHYPE_XML_LARGEST)
		error_at(c, 1, "more than %u bytes", SHYPE_XML_LARGEST);
	else if (memchr(xml, '\0', size))
		error_at(c, 1, "a zero byte: save it as UTF-8");
	else if (memmem(xml, size, "<!DOCTYPE", 9) || memmem(xml, size, "<!ENTITY", 8))
		error_at(c, 1, "a document type: policies have none, for entities come with it");
	return !c->errors;
}

static bool encoding_is_plain(const xmlDoc *doc)
{
	const char *e = (const char *)doc->encoding;

	return !e || strcasecmp(e, "UTF-8") == 0 || strcasecmp(e, "US-ASCII") == 0;
}

static xmlDocPtr xml_parse(struct compiler *c, const uint8_t *xml, size_t size)
{
	xmlDocPtr doc;

	lib.xmlSetExternalEntityLoader(nothing_is_fetched);
	lib.xmlSetStructuredErrorFunc(c, xml_error);
	doc = lib.xmlReadMemory((const char *)xml, (int)size, c->path, NULL, XML_PARSE_NONET | XML_PARSE_NOCDATA);
	if (!doc)
		error_at(c, 1, "this is no XML");
	else if (doc->intSubset || doc->extSubset || !encoding_is_plain(doc))
		error_at(c, 1, "a document type, or an encoding other than UTF-8");
	else
		return doc;
	lib.xmlFreeDoc(doc);
	return NULL;
}

static void xml_validate(struct compiler *c, xmlDocPtr doc)
{
	xmlSchemaParserCtxtPtr parser = lib.xmlSchemaNewMemParserCtxt(shype_schema, (int)(shype_schema_end - shype_schema));
	xmlSchemaPtr schema = parser ? lib.xmlSchemaParse(parser) : NULL;
	xmlSchemaValidCtxtPtr valid = schema ? lib.xmlSchemaNewValidCtxt(schema) : NULL;

	if (valid)
		lib.xmlSchemaSetValidStructuredErrors(valid, xml_error, c);
	if (!valid || (lib.xmlSchemaValidateDoc(valid, doc) != 0 && !c->errors))
		error_at(c, 1, "it could not be validated");
	lib.xmlSchemaFreeValidCtxt(valid);
	lib.xmlSchemaFree(schema);
	lib.xmlSchemaFreeParserCtxt(parser);
}

/* --- the tree, which the schema has accepted ------------------------------------------------------------------------------- */

static bool is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0;
}

static xmlNodePtr child(const xmlNode *n, const char *name)
{
	xmlNodePtr at = n ? n->children : NULL;

	while (at && !is(at, name))
		at = at->next;
	return at;
}

static xmlNodePtr next(const xmlNode *n, const char *name)
{
	xmlNodePtr at = n->next;

	while (at && !is(at, name))
		at = at->next;
	return at;
}

static void take_text(xmlChar *text, char *to, size_t size)
{
	snprintf(to, size, "%s", text ? (const char *)text : "");
	free(text);
}

static void take_name(const xmlNode *n, char to[SHYPE_NAME])
{
	take_text(lib.xmlNodeGetContent(n), to, SHYPE_NAME);
}

static int name_index(const struct shype_name_record *r, uint32_t nr, const char *name)
{
	for (uint32_t i = 0; i < nr; i++)
		if (strcmp(r[i].name, name) == 0)
			return (int)i;
	return -1;
}

static uint16_t take_types(struct compiler *c, const xmlNode *list, struct shype_name_record *to)
{
	uint16_t nr = 0;

	for (const xmlNode *n = child(list, "Type"); n && nr < SHYPE_TYPES_MAX; n = next(n, "Type")) {
		take_name(n, to[nr].name);
		if (name_index(to, nr, to[nr].name) >= 0)
			error_at(c, lib.xmlGetLineNo(n), "type %s is declared twice", to[nr].name);
		nr++;
	}
	return nr;
}

static void take_members(struct compiler *c, const xmlNode *list, const struct shype_name_record *types, uint32_t nr, uint64_t word[SHYPE_WORDS])
{
	for (const xmlNode *n = child(list, "Type"); n; n = next(n, "Type")) {
		char name[SHYPE_NAME];
		int at;

		take_name(n, name);
		at = name_index(types, nr, name);
		if (at < 0)
			error_at(c, lib.xmlGetLineNo(n), "type %s is declared nowhere", name);
		else
			word[at / 64] |= (uint64_t)1 << (at % 64);
	}
}

static unsigned int count_common(const uint64_t a[SHYPE_WORDS], const uint64_t b[SHYPE_WORDS])
{
	unsigned int n = 0;

	for (uint32_t t = 0; t < SHYPE_TYPES_MAX; t++)
		n += shype_bit(a, t) && shype_bit(b, t);
	return n;
}

static void take_sets(struct compiler *c, const xmlNode *sets)
{
	for (const xmlNode *n = child(sets, "Conflict"); n && c->header.sets < SHYPE_SETS_MAX; n = next(n, "Conflict")) {
		struct shype_set_record *r = &c->set[c->header.sets++];

		take_text(lib.xmlGetProp(n, (const xmlChar *)"name"), r->name, sizeof(r->name));
		take_members(c, n, c->wall, c->header.wall_types, r->types);
		for (const struct shype_set_record *o = c->set; o < r; o++)
			if (strcmp(o->name, r->name) == 0)
				error_at(c, lib.xmlGetLineNo(n), "conflict set %s is defined twice", r->name);
		if (count_common(r->types, r->types) < 2)
			error_at(c, lib.xmlGetLineNo(n), "conflict set %s needs two types", r->name);
	}
}

static int by_number(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* "c1,c12": the schema knows the form. */
static void take_categories(struct compiler *c, const xmlNode *n, struct shype_pattern_record *r)
{
	xmlChar *text = lib.xmlGetProp(n, (const xmlChar *)"categories");

	for (const char *at = (const char *)text; at && *at && r->categories < SHYPE_CATEGORIES; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		unsigned long number = strtoul(at + 1, NULL, 10);

		if (number > SHYPE_CATEGORY_MAX)
			error_at(c, lib.xmlGetLineNo(n), "category c%lu: the last one is c%u", number, SHYPE_CATEGORY_MAX);
		else
			r->category[r->categories++] = (uint16_t)number;
	}
	free(text);
	qsort(r->category, r->categories, sizeof(r->category[0]), by_number);
	for (unsigned int i = 1; i < r->categories; i++)
		if (r->category[i] == r->category[i - 1])
			error_at(c, lib.xmlGetLineNo(n), "category c%u is there twice", r->category[i]);
}

/* Two labels that ask for the same would leave the machine with neither. */
static void pattern_check(struct compiler *c, const xmlNode *n, const struct shype_pattern_record *r)
{
	for (const struct shype_pattern_record *o = c->pattern; o < r; o++)
		if (strcmp(o->type, r->type) == 0 && memcmp(o->category, r->category, sizeof(r->category)) == 0 && o->categories == r->categories)
			error_at(c, lib.xmlGetLineNo(n), "label %s asks for this context already", c->label[o->label].name);
}

static void take_patterns(struct compiler *c, const xmlNode *list, uint32_t label)
{
	for (const xmlNode *n = child(list, "Context"); n; n = next(n, "Context")) {
		struct shype_pattern_record *r = &c->pattern[c->header.patterns];

		if (c->header.patterns == SHYPE_PATTERNS_MAX) {
			error_at(c, lib.xmlGetLineNo(n), "more than %u contexts", SHYPE_PATTERNS_MAX);
			return;
		}
		c->header.patterns++;
		r->label = (uint16_t)label;
		take_text(lib.xmlGetProp(n, (const xmlChar *)"type"), r->type, sizeof(r->type));
		take_categories(c, n, r);
		pattern_check(c, n, r);
	}
}

static void take_label(struct compiler *c, const xmlNode *n, enum shype_label_kind kind)
{
	uint32_t at = c->header.labels;
	struct shype_label_record *r = &c->label[at];

	if (at == SHYPE_LABELS_MAX) {
		error_at(c, lib.xmlGetLineNo(n), "more than %u labels", SHYPE_LABELS_MAX);
		return;
	}
	take_name(child(n, "Name"), r->name);
	for (uint32_t i = 0; i < at; i++)
		if (strcmp(c->label[i].name, r->name) == 0)
			error_at(c, lib.xmlGetLineNo(n), "label %s is defined twice", r->name);
	r->kind = kind;
	c->header.labels++;
	take_members(c, child(n, "SimpleTypeEnforcementTypes"), c->ste, c->header.ste_types, r->ste);
	take_members(c, child(n, "ChineseWallTypes"), c->wall, c->header.wall_types, r->wall);
	take_patterns(c, child(n, "FlaskContexts"), at);
	for (uint32_t s = 0; s < c->header.sets; s++) {
		unsigned int hits = count_common(c->set[s].types, r->wall);

		if (hits > 1)
			error_at(c, lib.xmlGetLineNo(n), "label %s has %u types of the conflict set %s: it could never run", r->name, hits, c->set[s].name);
	}
}

static void take_labels(struct compiler *c, const xmlNode *template)
{
	const xmlNode *subjects = child(template, "SubjectLabels"), *objects = child(template, "ObjectLabels");
	char bootstrap[SHYPE_NAME];
	bool found = false;

	for (const xmlNode *n = child(subjects, "VirtualMachineLabel"); n; n = next(n, "VirtualMachineLabel"))
		take_label(c, n, SHYPE_SUBJECT);
	take_text(lib.xmlGetProp(subjects, (const xmlChar *)"bootstrap"), bootstrap, sizeof(bootstrap));
	for (uint32_t i = 0; i < c->header.labels; i++)
		found |= strcmp(c->label[i].name, bootstrap) == 0;
	if (!found)
		error_at(c, lib.xmlGetLineNo(subjects), "bootstrap=%s, the control domain's label, is defined nowhere", bootstrap);
	for (const xmlNode *n = child(objects, "ResourceLabel"); n; n = next(n, "ResourceLabel"))
		take_label(c, n, SHYPE_OBJECT);
}

static void compile_tree(struct compiler *c, const xmlNode *root)
{
	const xmlNode *wall = child(root, "ChineseWall");

	take_name(child(child(root, "PolicyHeader"), "PolicyName"), c->header.name);
	c->header.ste_types = take_types(c, child(child(root, "SimpleTypeEnforcement"), "SimpleTypeEnforcementTypes"), c->ste);
	c->header.wall_types = take_types(c, child(wall, "ChineseWallTypes"), c->wall);
	take_sets(c, child(wall, "ConflictSets"));
	take_labels(c, child(root, "SecurityLabelTemplate"));
}

/* --- out -------------------------------------------------------------------------------------------------------------------- */

static void put(uint8_t **at, const void *from, size_t size)
{
	memcpy(*at, from, size);
	*at += size;
}

static uint8_t *emit(struct compiler *c, size_t *len)
{
	struct shype_header *h = &c->header;
	uint8_t *bytes = rav_alloc(1, sizeof(*c)), *at = bytes + sizeof(*h);

	put(&at, c->ste, h->ste_types * sizeof(c->ste[0]));
	put(&at, c->wall, h->wall_types * sizeof(c->wall[0]));
	put(&at, c->set, h->sets * sizeof(c->set[0]));
	put(&at, c->label, h->labels * sizeof(c->label[0]));
	put(&at, c->pattern, h->patterns * sizeof(c->pattern[0]));
	*len = (size_t)(at - bytes);
	h->magic = SHYPE_MAGIC;
	h->version = SHYPE_VERSION;
	h->size = (uint32_t)*len;
	memcpy(bytes, h, sizeof(*h));
	return bytes;
}

int shype_compile(const char *path, const uint8_t *xml, size_t size, uint8_t **bytes, size_t *len)
{
	struct compiler *c = rav_alloc(1, sizeof(*c));
	xmlDocPtr doc = NULL;
	int rc = RAV_NO;

	c->path = path;
	if (!lib_load()) {
		free(c);
		return rav_fail("install libxml2, or compile the policy elsewhere: rav shype build", "%s: XML needs libxml2: %s", path, dlerror());
	}
	if (plain_enough(c, xml, size))
		doc = xml_parse(c, xml, size);
	if (doc)
		xml_validate(c, doc);
	if (doc && !c->errors)
		compile_tree(c, lib.xmlDocGetRootElement(doc));
	lib.xmlFreeDoc(doc);
	lib.xmlSetStructuredErrorFunc(NULL, NULL);
	if (!c->errors) {
		*bytes = emit(c, len);
		rc = RAV_OK;
	}
	free(c);
	return rc;
}
