/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy lint: what compiles and loads and is likely a mistake.
 * Locking: single-threaded. Trust: a policy that binary.c has read.
 */
#include <sepol/kernel_to_cil.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cil.h"
#include "common.h"
#include "engine.h"
#include "files.h"
#include "options.h"
#include "perms.h"
#include "policy.h"
#include "reach.h"

enum severity { NOTE, WARNING, ERROR };

struct lint {
	struct binary *b;
	struct reach reach;
	struct effects effects;
	bool json;
	struct json_object *found;
	unsigned int count[3];
};

static void __attribute__((format(printf, 4, 5)))
found(struct lint *l, enum severity s, const char *rule, const char *fmt, ...)
{
	static const char *const names[] = {
		[NOTE] = "note", [WARNING] = "warning", [ERROR] = "error"
	};
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->count[s]++;
	if (l->json) {
		struct json_object *o = json_object_new_object();

		rav_json_add_text(o, "severity", names[s]);
		rav_json_add_text(o, "rule", rule);
		rav_json_add_text(o, "text", text);
		json_object_array_add(l->found, o);
	} else {
		printf("%s: %s [%s]\n", names[s], text, rule);
	}
}

/* --- names that mean nothing to the hypervisor ------------------------------------------------ */

static unsigned int rules_for_class(const struct lint *l, uint32_t class_value, uint32_t perms)
{
	unsigned int n = 0;

	for (size_t i = 0; i < l->effects.nr; i++)
		n += l->effects.item[i].class_value == class_value &&
		     (l->effects.item[i].rules & perms);
	return n;
}

static void lint_unknown(struct lint *l)
{
	for (uint32_t c = 1; c <= l->b->db.p_classes.nprim; c++) {
		const char *class_name = binary_class_name(l->b, c);
		unsigned int n = class_name ? rules_for_class(l, c, ~0u) : 0;

		if (class_name && !perm_class_known(class_name)) {
			found(l, n ? WARNING : NOTE, "unknown-class",
			      "the hypervisor never asks about class %s; rules for it: %u",
			      class_name, n);
			continue;
		}
		for (unsigned int bit = 0; class_name && bit < 32; bit++) {
			const char *perm = binary_perm_name(l->b, c, bit);

			n = perm && !perm_find(class_name, perm)
				    ? rules_for_class(l, c, (uint32_t)1 << bit)
				    : 0;
			if (n)
				found(l, WARNING, "unknown-permission",
				      "the hypervisor never asks %s:%s; rules for it: %u",
				      class_name, perm, n);
		}
	}
	if (engine_fallbacks())
		found(l, NOTE, "ancestors",
		      "%u permissions are not in this policy and answered by ancestors: `rav policy show --fallback`",
		      engine_fallbacks());
}

/* --- types that cannot matter ----------------------------------------------------------------- */

static bool in_transition(const struct lint *l, uint32_t type)
{
	const avtab_t *t = &l->b->db.te_avtab;

	for (uint32_t i = 0; i < t->nslot; i++)
		for (const struct avtab_node *n = t->htable[i]; n; n = n->next)
			if ((n->key.specified & AVTAB_TYPE) && n->datum.data == type)
				return true;
	return false;
}

static bool has_initial_sid(const struct lint *l, uint32_t type)
{
	for (const ocontext_t *o = l->b->db.ocontexts[OCON_XEN_ISID]; o; o = o->next)
		if (o->context[0].type == type)
			return true;
	return false;
}

/* Besides object_r, which goes with every type and is what hardware is labelled with. */
static bool has_role(const struct binary *b, uint32_t type)
{
	for (uint32_t r = 0; r < b->db.p_roles.nprim; r++) {
		const role_datum_t *d = b->db.role_val_to_struct[r];

		if (d && strcmp(b->db.p_role_val_to_name[r], "object_r") != 0 &&
		    ebitmap_get_bit(&d->types.types, type - 1))
			return true;
	}
	return false;
}

static void lint_unreachable(struct lint *l)
{
	bool *acts = rav_alloc(l->b->db.p_types.nprim + 1, 1),
	     *suffers = rav_alloc(l->b->db.p_types.nprim + 1, 1);

	for (size_t i = 0; i < l->effects.nr; i++) {
		acts[l->effects.item[i].source] = true;
		suffers[l->effects.item[i].target] = true;
	}
	for (uint32_t v = 1; v <= l->b->db.p_types.nprim; v++) {
		const char *name = binary_type_name(l->b, v);

		if (binary_is_attribute(l->b, v) || has_initial_sid(l, v))
			continue;
		if (acts[v] && !has_role(l->b, v))
			found(l, WARNING, "no-label",
			      "no domain can be labelled %s, and it has rules: give it a role, (roletype ROLE %s)",
			      name, name);
		else if (!acts[v] && !suffers[v])
			found(l, WARNING, "unreachable-type", "no rule speaks of type %s%s", name,
			      in_transition(l, v) ? ", though a transition leads to it" : "");
	}
	free(acts);
	free(suffers);
}

/* --- more than was meant ---------------------------------------------------------------------- */

static unsigned int members(const struct binary *b, uint32_t attribute)
{
	return ebitmap_cardinality(&b->db.attr_type_map[attribute - 1]);
}

static unsigned int types_in_all(const struct binary *b)
{
	unsigned int n = 0;

	for (uint32_t v = 1; v <= b->db.p_types.nprim; v++)
		n += !binary_is_attribute(b, v);
	return n;
}

/* Half of all types, and more than one kind of domain. */
static bool is_wide(const struct binary *b, uint32_t type, unsigned int all)
{
	return binary_is_attribute(b, type) && members(b, type) > 4 && members(b, type) * 2 > all;
}

static void lint_wide(struct lint *l)
{
	const avtab_t *t = &l->b->db.te_avtab;
	unsigned int all = types_in_all(l->b);

	for (uint32_t i = 0; i < t->nslot; i++)
		for (const struct avtab_node *n = t->htable[i]; n; n = n->next) {
			uint32_t wide = is_wide(l->b, n->key.source_type, all) ? n->key.source_type
					: is_wide(l->b, n->key.target_type, all)
						? n->key.target_type
						: 0;
			const char *class_name = binary_class_name(l->b, n->key.target_class);
			char names[1024];

			if (!wide || !(n->key.specified & AVTAB_ALLOWED) ||
			    means_of(class_name, "") == MEANS_NONE)
				continue;
			perms_cil(l->b, n->key.target_class, n->datum.data, names, sizeof(names));
			found(l, WARNING, "wide-attribute",
			      "(allow %s %s (%s (%s))): %s is %u of %u types",
			      binary_type_name(l->b, n->key.source_type),
			      binary_type_name(l->b, n->key.target_type), class_name, names,
			      binary_type_name(l->b, wide), members(l->b, wide), all);
		}
}

/* What is one object (the control domain) stands above tenants on purpose. */
static void lint_tenants(struct lint *l)
{
	for (size_t i = 0; i < l->reach.nr_edges && l->b->db.mls; i++) {
		const struct reach_edge *e = &l->reach.edge[i];
		const struct reach_node *from = &l->reach.node[e->from],
					*to = &l->reach.node[e->to];

		if (!(e->relations & 1u << RELATION_APART) || from->kind != NODE_DOMAIN ||
		    to->kind != NODE_DOMAIN || e->means == MEANS_OBSERVE)
			continue;
		if (type_is_one(l->b, from->type) || type_is_one(l->b, to->type))
			continue;
		found(l, WARNING, "across-tenants", "%s reaches %s of another tenant by %s: %s",
		      from->name, to->name, means_name(e->means), e->perms);
	}
}

static void lint_modes(struct lint *l)
{
	ebitmap_node_t *n;
	unsigned int v;

	ebitmap_for_each_positive_bit(&l->b->db.permissive_map, n, v)
		found(l, WARNING, "permissive",
		      "type %s is permissive: its denials are logged, not enforced",
		      binary_type_name(l->b, v));
	for (size_t i = 0; i < l->effects.nr; i++) {
		const struct effect *e = &l->effects.item[i];

		if (strcmp(binary_class_name(l->b, e->class_value), "security") == 0 &&
		    (e->allowed[0] & binary_perm(l->b, e->class_value, "setenforce")))
			found(l, WARNING, "setenforce", "%s may turn enforcement off",
			      binary_type_name(l->b, e->source));
	}
	if (l->b->db.handle_unknown != SEPOL_DENY_UNKNOWN)
		found(l, NOTE, "handle-unknown",
		      "it asks for unknown permissions to be allowed; the hypervisor denies them, or asks their ancestors");
}

/* --- invariants kept in a file, asked of a policy that was compiled without them -------------- */

static int invariants_found(struct lint *l, const struct cil_result *r)
{
	for (size_t i = 0; i < r->nr_faults; i++) {
		const struct cil_fault *f = &r->fault[i];

		if (strncmp(f->text, "neverallow", 10) != 0) {
			cil_faults_print(r);
			return rav_fail(
				"a compiled policy keeps no attribute that its rules do not need: name types, or lint the sources",
				"the invariants cannot be asked of %s", l->b->path);
		}
		found(l, ERROR, "invariant", "%s:%u: %s\n%.*s", f->file ? f->file : "?", f->line,
		      f->text, f->detail ? (int)strlen(f->detail) - 1 : 0,
		      f->detail ? f->detail : "");
	}
	return RAV_OK;
}

static int lint_invariants(struct lint *l, const struct texts *files)
{
	struct cil_result r;
	struct cil_set *set;
	char *text;
	size_t len;
	FILE *f;
	int rc;

	if (!files->nr)
		return RAV_OK;
	rc = cil_set_open(&set, files->item, files->nr);
	if (rc != RAV_OK)
		return rc;
	f = rav_text_open(&text, &len);
	rc = sepol_kernel_policydb_to_cil(f, &l->b->db);
	rav_text_close(f);
	cil_set_replace_generated(set, l->b->path, text, len);
	cil_compile_set(set, CIL_TWICE, &r);
	rc = rc == 0 ? invariants_found(l, &r)
		     : rav_fail(NULL, "libsepol cannot write %s as CIL", l->b->path);
	cil_result_free(&r);
	cil_set_close(set);
	free(text);
	return rc;
}

static int lint_all(struct lint *l, const struct texts *invariants)
{
	int rc = effects_compute(l->b, &l->effects);

	if (rc != RAV_OK)
		return rc;
	reach_of(l->b, &l->effects, &l->reach);
	l->found = json_object_new_array();
	lint_unknown(l);
	lint_unreachable(l);
	lint_wide(l);
	lint_tenants(l);
	lint_modes(l);
	rc = lint_invariants(l, invariants);
	reach_free(&l->reach);
	effects_free(&l->effects);
	if (l->json)
		rav_json_print(l->found);
	else
		printf("%u errors, %u warnings, %u notes\n", l->count[ERROR], l->count[WARNING],
		       l->count[NOTE]);
	if (rc != RAV_OK)
		return rc;
	return l->count[ERROR] + l->count[WARNING] ? RAV_NO : RAV_OK;
}

int policy_lint(int argc, char **argv)
{
	struct lint l = { .json = false };
	struct texts invariants = { NULL, 0 };
	const struct option_spec specs[] = { { "invariants", 'i', OPTION_TEXTS, &invariants },
					     { "json", 0, OPTION_FLAG, &l.json },
					     { NULL } };
	int rc = options_read(&argc, &argv, specs, 1, 4096);

	/* Sources that break their own neverallow rules do not compile: said with file and line. */
	if (rc == RAV_OK)
		rc = binary_open(&l.b, (const char *const *)argv, (size_t)argc);
	if (rc == RAV_OK)
		rc = lint_all(&l, &invariants);
	binary_close(l.b);
	return rc;
}
