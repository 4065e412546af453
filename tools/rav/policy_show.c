/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy show: what a policy is made of, or how the hypervisor stands.
 * Locking: single-threaded. Trust: a policy that binary.c has read; see xen.h.
 */
#include <openssl/sha.h>
#include <sepol/policydb/services.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "engine.h"
#include "options.h"
#include "perms.h"
#include "policy.h"
#include "xen.h"

struct choice {
	bool json, fallback, types, labels;
	struct json_object *out;
};

static void show_word(const struct choice *c, const char *key, const char *value)
{
	if (c->json)
		rav_json_add_text(c->out, key, value);
	else
		printf("%-12s %s\n", key, value);
}

static void show_number(const struct choice *c, const char *key, uint64_t value)
{
	if (c->json)
		rav_json_add_u64(c->out, key, value);
	else
		printf("%-12s %llu\n", key, (unsigned long long)value);
}

static unsigned int count_types(const struct binary *b, bool attributes)
{
	unsigned int n = 0;

	for (uint32_t v = 1; v <= b->db.p_types.nprim; v++)
		n += binary_is_attribute(b, v) == attributes;
	return n;
}

static unsigned int count_constraints(const struct binary *b)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < b->db.p_classes.nprim; i++)
		for (const constraint_node_t *k =
			     b->db.class_val_to_struct[i]
				     ? b->db.class_val_to_struct[i]->constraints
				     : NULL;
		     k; k = k->next)
			n++;
	return n;
}

static void show_summary(const struct choice *c, const struct binary *b)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char hash[2 * SHA256_DIGEST_LENGTH + 1];

	SHA256(b->bytes, b->len, digest);
	rav_hex(digest, sizeof(digest), hash);
	show_word(c, "file", b->path);
	show_word(c, "sha256", hash);
	show_number(c, "bytes", b->len);
	show_number(c, "version", b->db.policyvers);
	show_word(c, "ranges", b->db.mls ? "yes" : "no");
	show_word(c, "unknown",
		  b->db.handle_unknown == SEPOL_DENY_UNKNOWN	 ? "deny"
		  : b->db.handle_unknown == SEPOL_REJECT_UNKNOWN ? "reject"
								 : "allow");
	show_number(c, "users", b->db.p_users.nprim);
	show_number(c, "roles", b->db.p_roles.nprim);
	show_number(c, "types", count_types(b, false));
	show_number(c, "attributes", count_types(b, true));
	show_number(c, "categories", b->db.p_cats.nprim);
	show_number(c, "classes", b->db.p_classes.nprim);
	show_number(c, "rules", (uint64_t)b->db.te_avtab.nel + b->db.te_cond_avtab.nel);
	show_number(c, "constraints", count_constraints(b));
	show_number(c, "booleans", b->db.p_bools.nprim);
	show_number(c, "ancestors", engine_fallbacks());
}

/* Each permission of ours that the policy lacks: what answers in its place. */
static void show_fallback(const struct choice *c, const struct binary *b)
{
	struct json_object *list = json_object_new_array();

	FOR_EACH_PERM(e) {
		uint32_t class_value = binary_class(b, e->class_name);
		char text[256];

		if ((class_value && binary_perm(b, class_value, e->name)) ||
		    e->origin == ORIGIN_XEN || e->origin == ORIGIN_OWN)
			continue;
		if (e->origin == ORIGIN_FINER)
			snprintf(text, sizeof(text), "%s:%s answered by %s:%s", e->class_name,
				 e->name, e->ancestor_class, e->ancestor);
		else
			snprintf(text, sizeof(text), "%s:%s allowed on oneself, denied on others",
				 e->class_name, e->name);
		if (!c->json)
			printf("%s\n", text);
		json_object_array_add(list, json_object_new_string(text));
	}
	if (!c->json && json_object_array_length(list) == 0)
		printf("this policy knows every permission that has an ancestor\n");
	if (c->json)
		json_object_object_add(c->out, "fallback", list);
	else
		json_object_put(list);
}

static void show_types(const struct choice *c, const struct binary *b)
{
	struct json_object *list = json_object_new_array();

	for (uint32_t v = 1; v <= b->db.p_types.nprim; v++) {
		ebitmap_node_t *n;
		unsigned int i;

		if (binary_is_attribute(b, v))
			continue;
		json_object_array_add(list, json_object_new_string(binary_type_name(b, v)));
		if (c->json)
			continue;
		printf("%s", binary_type_name(b, v));
		ebitmap_for_each_positive_bit(&b->db.type_attr_map[v - 1], n, i)
			if (i + 1 != v)
				printf(" %s", binary_type_name(b, i + 1));
		printf("\n");
	}
	if (c->json)
		json_object_object_add(c->out, "types", list);
	else
		json_object_put(list);
}

static void show_labels(const struct choice *c, const struct binary *b)
{
	static const char *const names[] = {
		"",	    "xenboot", "xen",	"dom0", "domio",  "domxen", "unlabeled",
		"security", "ioport",  "iomem", "irq",	"device", "domU",   "domDM",
	};
	struct json_object *o = json_object_new_object();

	for (const ocontext_t *k = b->db.ocontexts[OCON_XEN_ISID]; k; k = k->next) {
		const char *name =
			k->sid[0] < sizeof(names) / sizeof(names[0]) ? names[k->sid[0]] : "?";
		char *text;
		size_t len;

		if (sepol_sid_to_context(k->sid[0], &text, &len) != 0)
			continue;
		if (!c->json)
			printf("%2u %-10s %s\n", k->sid[0], name, text);
		json_object_object_add(o, name, json_object_new_string(text));
		free(text);
	}
	if (c->json)
		json_object_object_add(c->out, "initial_labels", o);
	else
		json_object_put(o);
}

/* The hypervisor gives no policy back; its hash stands in the boot log and in the audit log. */
static int show_running(const struct choice *c)
{
	xc_interface *xc;
	int enforcing, version, rc = xen_open(&xc);

	if (rc != RAV_OK)
		return rc;
	enforcing = xc_flask_getenforce(xc);
	version = enforcing < 0 ? -1 : xc_flask_policyvers(xc);
	if (enforcing < 0) {
		rc = xen_fail("state of the policy", "interface:xsm_op");
	} else {
		show_word(c, "mode", enforcing ? "enforcing" : "PERMISSIVE");
		if (version > 0)
			show_number(c, "reads up to", (uint64_t)version);
	}
	xc_interface_close(xc);
	return rc;
}

static int show_policy(const struct choice *c, struct binary *b)
{
	if (c->fallback)
		show_fallback(c, b);
	if (c->types)
		show_types(c, b);
	if (c->labels)
		show_labels(c, b);
	if (!c->fallback && !c->types && !c->labels)
		show_summary(c, b);
	return RAV_OK;
}

int policy_show(int argc, char **argv)
{
	struct choice c = { false };
	struct texts policy = { NULL, 0 };
	const struct option_spec specs[] = {
		{ "json", 0, OPTION_FLAG, &c.json },
		{ "fallback", 0, OPTION_FLAG, &c.fallback },
		{ "types", 0, OPTION_FLAG, &c.types },
		{ "labels", 0, OPTION_FLAG, &c.labels },
		{ "policy", 'p', OPTION_TEXTS, &policy },
		{ NULL },
	};
	bool about_file;
	struct binary *b = NULL;
	int rc = options_read(&argc, &argv, specs, 0, 4096);

	if (rc != RAV_OK)
		return rc;
	about_file = argc || policy.nr || getenv("RAV_POLICY");
	if (!about_file && (c.fallback || c.types || c.labels))
		return rav_fail("name the policy that was loaded, as build/policy",
				"the hypervisor does not give its policy back");
	c.out = json_object_new_object();
	if (!about_file)
		rc = show_running(&c);
	else if ((rc = argc ? binary_open(&b, (const char *const *)argv, (size_t)argc)
			    : options_policy(&policy, &b)) == RAV_OK)
		rc = show_policy(&c, b);
	if (c.json && rc == RAV_OK)
		rav_json_print(json_object_get(c.out));
	json_object_put(c.out);
	binary_close(b);
	return rc;
}
