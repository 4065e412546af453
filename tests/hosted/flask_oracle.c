/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libsepol's answers.
 * Locking: none. Trust: tests only.
 */
#include "flask_oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sepol/debug.h>
#include <sepol/policydb/conditional.h>
#include <sepol/policydb/policydb.h>
#include <sepol/policydb/services.h>
#include <sepol/policydb/sidtab.h>

static policydb_t policy;
static sidtab_t sids;
static int loaded;

static void unload(void)
{
	if (!loaded)
		return;
	sepol_sidtab_destroy(&sids);
	policydb_destroy(&policy);
	loaded = 0;
}

static int load(struct policy_file *file)
{
	sepol_debug(0);
	unload();
	if (policydb_init(&policy) != 0)
		return -1;
	if (policydb_read(&policy, file, 0) != 0) {
		policydb_destroy(&policy);
		return -1;
	}
	/* As the kernel does on a load: rules follow the booleans, whatever the file says of their state. */
	for (cond_node_t *n = policy.cond_list; n; n = n->next)
		n->cur_state = -2;
	evaluate_conds(&policy);
	if (policydb_load_isids(&policy, &sids) != 0) {
		policydb_destroy(&policy);
		return -1;
	}
	sepol_set_policydb(&policy);
	sepol_set_sidtab(&sids);
	loaded = 1;
	return 0;
}

int oracle_load(const char *path)
{
	struct policy_file file;
	FILE *f = fopen(path, "rb");
	int rc;

	if (!f)
		return -1;
	policy_file_init(&file);
	file.type = PF_USE_STDIO;
	file.fp = f;
	rc = load(&file);
	fclose(f);
	return rc;
}

int oracle_load_bytes(const void *bytes, size_t len)
{
	struct policy_file file;
	char *copy = malloc(len ? len : 1);
	int rc;

	if (!copy)
		return -1;
	memcpy(copy, bytes, len);
	policy_file_init(&file);
	file.type = PF_USE_MEMORY;
	file.data = copy;
	file.len = len;
	rc = load(&file);
	free(copy);
	return rc;
}

uint32_t oracle_classes(void)
{
	return policy.p_classes.nprim;
}

const char *oracle_class_name(uint16_t class)
{
	return class && class <= policy.p_classes.nprim ? policy.p_class_val_to_name[class - 1] : NULL;
}

int oracle_sid(const char *context, uint32_t *sid)
{
	return sepol_context_to_sid(context, strlen(context) + 1, sid) == 0 ? 0 : -1;
}

int oracle_context(uint32_t sid, char *buf, size_t size)
{
	char *text;
	size_t len;

	if (sepol_sid_to_context(sid, &text, &len) != 0)
		return -1;
	snprintf(buf, size, "%s", text);
	free(text);
	return 0;
}

int oracle_access(uint32_t s, uint32_t t, uint16_t class, uint32_t *allowed, uint32_t *auditallow, uint32_t *auditdeny)
{
	struct sepol_av_decision avd;

	if (sepol_compute_av(s, t, class, 0, &avd) != 0)
		return -1;
	*allowed = avd.allowed;
	*auditallow = avd.auditallow;
	*auditdeny = avd.auditdeny;
	return 0;
}

int oracle_transition(uint32_t s, uint32_t t, uint16_t class, uint32_t *out)
{
	return sepol_transition_sid(s, t, class, out) == 0 ? 0 : -1;
}

int oracle_member(uint32_t s, uint32_t t, uint16_t class, uint32_t *out)
{
	return sepol_member_sid(s, t, class, out) == 0 ? 0 : -1;
}

int oracle_change(uint32_t s, uint32_t t, uint16_t class, uint32_t *out)
{
	return sepol_change_sid(s, t, class, out) == 0 ? 0 : -1;
}

void oracle_set_bool(const char *name, int value)
{
	cond_bool_datum_t *b = hashtab_search(policy.p_bools.table, (hashtab_key_t)name);

	b->state = value;
	evaluate_conds(&policy);
}

uint16_t oracle_class(const char *name)
{
	class_datum_t *c = hashtab_search(policy.p_classes.table, (hashtab_key_t)name);

	return c ? (uint16_t)c->s.value : 0;
}

uint32_t oracle_perm(uint16_t class, const char *name)
{
	class_datum_t *c = policy.class_val_to_struct[class - 1];
	perm_datum_t *p = hashtab_search(c->permissions.table, (hashtab_key_t)name);

	if (!p && c->comdatum)
		p = hashtab_search(c->comdatum->permissions.table, (hashtab_key_t)name);
	return p ? (uint32_t)1 << (p->s.value - 1) : 0;
}
