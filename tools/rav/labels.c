/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of a policy: written short or whole, and what is wrong with one that is none.
 * Locking: single-threaded. Trust: texts are hostile (they come from logs): bounded, and parsed by
 * libsepol and the hypervisor's engine.
 */
#include <sepol/policydb/services.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binary.h"
#include "common.h"
#include "engine.h"

#define SID_FIRST_GUEST 12u	/* initial SIDs domU, domDM */

struct fields {
	char text[LABEL_LARGEST];
	const char *user, *role, *type, *range;	/* range NULL: none */
};

static bool fields_split(const char *text, struct fields *f)
{
	char *at;

	if (strlen(text) >= sizeof(f->text))
		return false;
	snprintf(f->text, sizeof(f->text), "%s", text);
	at = f->text;
	f->user = strsep(&at, ":");
	f->role = strsep(&at, ":");
	f->type = strsep(&at, ":");
	f->range = at;
	return f->type != NULL;
}

static bool label_exact(struct binary *b, const char *text, struct label *l)
{
	if (strlen(text) >= sizeof(l->text))
		return false;
	/* The engine first: libsepol reads "<<none>>" as a label that is not there, and follows it. */
	if (!engine_sid(text, &l->engine) ||
	    sepol_context_to_sid(text, strlen(text) + 1, &l->sid) != 0)
		return false;
	l->type = sepol_sidtab_search(&b->sids, l->sid)->type;
	if (!engine_label(l->engine, l->text, sizeof(l->text)))
		snprintf(l->text, sizeof(l->text), "%s", text);
	return true;
}

static bool role_takes(const struct binary *b, uint32_t role, uint32_t type)
{
	const role_datum_t *r = b->db.role_val_to_struct[role];

	return r && (ebitmap_get_bit(&r->types.types, type - 1) ||
		     strcmp(b->db.p_role_val_to_name[role], "object_r") == 0);
}

/* The n-th user and role that go with a type; false: there are fewer. */
static bool type_text(const struct binary *b, uint32_t type, const char *range, unsigned int n,
		      char text[LABEL_LARGEST])
{
	for (uint32_t u = 0; u < b->db.p_users.nprim; u++)
		/* object_r comes first and takes all */
		for (uint32_t r = b->db.p_roles.nprim; r-- > 0;) {
			if (!role_takes(b, r, type) || n--)
				continue;
			snprintf(text, LABEL_LARGEST, "%s:%s:%s%s%s", b->db.p_user_val_to_name[u],
				 b->db.p_role_val_to_name[r], binary_type_name(b, type),
				 b->db.mls ? ":" : "", b->db.mls ? range : "");
			return true;
		}
	return false;
}

bool label_of_type(struct binary *b, uint32_t type, const char *range, struct label *l)
{
	char text[LABEL_LARGEST];

	for (unsigned int n = 0; type_text(b, type, range, n, text); n++)
		if (label_exact(b, text, l))
			return true;
	return false;
}

/*
 * A type that an initial SID labels is that one object, except for what xl gives to guests without
 * a label.
 */
static const ocontext_t *initial_label(const struct binary *b, uint32_t type)
{
	for (const ocontext_t *o = b->db.ocontexts[OCON_XEN_ISID]; o; o = o->next)
		if (o->context[0].type == type && o->sid[0] < SID_FIRST_GUEST)
			return o;
	return NULL;
}

bool type_is_one(const struct binary *b, uint32_t type)
{
	return initial_label(b, type) != NULL;
}

bool label_sample(struct binary *b, uint32_t type, const char *range, struct label *l)
{
	const ocontext_t *o = initial_label(b, type);
	char *text;
	size_t len;
	bool found;

	if (!o || sepol_sid_to_context(o->sid[0], &text, &len) != 0)
		return label_of_type(b, type, range, l);
	found = label_exact(b, text, l);
	free(text);
	return found;
}

uint32_t label_sample_sid(struct binary *b, uint32_t type, const char *range)
{
	const ocontext_t *o = initial_label(b, type);
	char text[LABEL_LARGEST];
	uint32_t sid;

	if (o)
		return o->sid[0];
	for (unsigned int n = 0; type_text(b, type, range, n, text); n++)
		if (sepol_context_to_sid(text, strlen(text) + 1, &sid) == 0)
			return sid;
	return 0;
}

/* "guest_t" or "guest_t:s0:c1": the first word is a type of the policy. */
static bool label_short(struct binary *b, const char *text, struct label *l)
{
	char name[LABEL_LARGEST];
	const char *range = strchr(text, ':');
	uint32_t type;

	snprintf(name, sizeof(name), "%.*s", range ? (int)(range - text) : (int)strlen(text), text);
	type = binary_type(b, name);
	if (!type)
		return false;
	return range ? label_of_type(b, type, range + 1, l) : label_sample(b, type, "s0", l);
}

bool label_find(struct binary *b, const char *text, struct label *l)
{
	return strlen(text) < LABEL_LARGEST && (label_exact(b, text, l) || label_short(b, text, l));
}

static bool fault_of_names(const struct binary *b, const struct fields *f, char *fault, char *mend,
			   size_t size)
{
	if (!hashtab_search(b->db.p_users.table, f->user)) {
		snprintf(fault, size, "the policy has no user %s", f->user);
		snprintf(mend, size, "(user %s)", f->user);
	} else if (!hashtab_search(b->db.p_roles.table, f->role)) {
		snprintf(fault, size, "the policy has no role %s", f->role);
		snprintf(mend, size, "(role %s)", f->role);
	} else if (!binary_type(b, f->type)) {
		snprintf(fault, size, "the policy has no type %s", f->type);
		snprintf(mend, size, "(type %s)", f->type);
	} else {
		return false;
	}
	return true;
}

static bool fault_of_roles(const struct binary *b, const struct fields *f, char *fault, char *mend,
			   size_t size)
{
	const user_datum_t *u = hashtab_search(b->db.p_users.table, f->user);
	const role_datum_t *r = hashtab_search(b->db.p_roles.table, f->role);

	if (!role_takes(b, r->s.value - 1, binary_type(b, f->type))) {
		snprintf(fault, size, "role %s does not go with type %s", f->role, f->type);
		snprintf(mend, size, "(roletype %s %s)", f->role, f->type);
	} else if (!ebitmap_get_bit(&u->roles.roles, r->s.value - 1) &&
		   strcmp(f->role, "object_r") != 0) {
		snprintf(fault, size, "user %s does not have role %s", f->user, f->role);
		snprintf(mend, size, "(userrole %s %s)", f->user, f->role);
	} else {
		return false;
	}
	return true;
}

void label_fault(const struct binary *b, const char *text, char *fault, char *mend, size_t size)
{
	static struct fields f;

	mend[0] = '\0';
	/* "type:s0:c1": written short */
	if (!fields_split(text, &f) ||
	    (b->db.mls && hashtab_search(b->db.p_levels.table, f.role))) {
		snprintf(
			fault, size,
			"it is neither user:role:type%s, nor does it begin with a type of this policy",
			b->db.mls ? ":range" : "");
		return;
	}
	if (fault_of_names(b, &f, fault, mend, size) || fault_of_roles(b, &f, fault, mend, size))
		return;
	if (b->db.mls && !f.range)
		snprintf(fault, size, "it has no range, as s0 or s0:c5");
	else if (!b->db.mls)
		snprintf(fault, size, "this policy has no ranges");
	else
		snprintf(
			fault, size,
			"range %s is malformed, names what the policy has not, or lies outside of what user %s may have (userrange)",
			f.range, f.user);
}

int label_read(struct binary *b, const char *text, struct label *l)
{
	char fault[512], mend[512], next[640];

	if (label_find(b, text, l))
		return RAV_OK;
	label_fault(b, text, fault, mend, sizeof(fault));
	if (mend[0])
		snprintf(next, sizeof(next), "correct the label, or add to the policy: %s", mend);
	else
		snprintf(next, sizeof(next), "`rav policy show --types` lists the types");
	return rav_fail(next, "%.200s is no label of this policy: %s", text, fault);
}

bool label_self(struct binary *b, const struct label *l, struct label *self)
{
	char text[LABEL_LARGEST];
	uint32_t sid;

	return engine_self(l->engine, &sid) && engine_label(sid, text, sizeof(text)) &&
	       label_exact(b, text, self);
}

uint32_t binary_allowed(struct binary *b, const struct label *s, const struct label *t,
			uint32_t class_value)
{
	struct sepol_av_decision avd;

	(void)b;
	if (sepol_compute_av(s->sid, t->sid, (sepol_security_class_t)class_value, 0, &avd) != 0)
		return 0;
	return avd.allowed;
}
