/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Booleans: policies do not change, so a commit reads the file of the one in force again, with other values, and replaces it whole.
 * Locking: names and states are immutable; `pending` and commits are the caller's to serialise. Trust: ids and names are hostile.
 */
#include <hv/options.h>
#include <hv/string.h>

#include "engine.h"

static struct policy_bool *boolean_of(uint32_t id)
{
	struct policy *p = policy_in_force();

	return symtab_name(&p->bools, id + 1) ? &p->booleans[id] : NULL;
}

int flask_bool_find(const char *name, size_t len, uint32_t *id)
{
	const struct policy *p = policy_in_force();
	uint32_t value = symtab_find(&p->bools, name, len);

	if (!value)
		return -XEN_ENOENT;
	*id = value - 1;
	return 0;
}

int flask_bool_get(uint32_t id, struct flask_boolean *b)
{
	const struct policy_bool *at = boolean_of(id);

	if (!at)
		return -XEN_ENOENT;
	*b = (struct flask_boolean){ symtab_name(&policy_in_force()->bools, id + 1), at->state, at->pending };
	return 0;
}

int flask_bool_set_pending(uint32_t id, bool value)
{
	struct policy_bool *at = boolean_of(id);

	if (!at)
		return -XEN_ENOENT;
	if (options.flask_locked)
		return -XEN_EPERM;
	at->pending = value;
	return 0;
}

bool flask_bools_settled(uint32_t id)
{
	const struct policy *p = policy_in_force();

	for (uint32_t i = 0; i < p->bools.nprim; i++)
		if ((id == FLASK_BOOL_ALL || id == i) && p->booleans[i].pending != p->booleans[i].state)
			return false;
	return true;
}

int flask_bools_commit(uint32_t id)
{
	const struct policy *p = policy_in_force();
	struct flask_error err;

	if (id != FLASK_BOOL_ALL && !boolean_of(id))
		return -XEN_ENOENT;
	if (!p->bytes)
		return 0;		/* no booleans */
	return flask_replace(id == FLASK_BOOL_ALL ? BOOLS_ALL : id + 1, p->bytes, p->len, &err);
}
