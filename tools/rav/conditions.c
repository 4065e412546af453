/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditional rules: in force as the booleans say.
 * Locking: single-threaded. Trust: a policy that libsepol has read.
 */
#include "conditions.h"

#include <sepol/policydb/conditional.h>
#include <stdio.h>

void conditions_evaluate(policydb_t *db)
{
	for (cond_node_t *n = db->cond_list; n; n = n->next)
		n->cur_state = -2;
	evaluate_conds(db);
}

static int list_has(const cond_av_list_t *l, const avtab_key_t *key)
{
	for (; l; l = l->next)
		if (l->node->key.source_type == key->source_type &&
		    l->node->key.target_type == key->target_type &&
		    l->node->key.target_class == key->target_class &&
		    (l->node->key.specified & AVTAB_ALLOWED))
			return 1;
	return 0;
}

int conditions_of(const policydb_t *db, uint32_t source, uint32_t target, uint32_t class_value,
		  char *text, size_t size)
{
	const avtab_key_t key = { (uint16_t)source, (uint16_t)target, (uint16_t)class_value,
				  AVTAB_ALLOWED };
	size_t len = 0;

	for (const cond_node_t *n = db->cond_list; n; n = n->next) {
		if (!list_has(n->true_list, &key) && !list_has(n->false_list, &key))
			continue;
		for (const cond_expr_t *e = n->expr; e && len < size; e = e->next)
			if (e->expr_type == COND_BOOL)
				len += (size_t)snprintf(text + len, size - len, "%s%s=%d",
							len ? " " : "",
							db->p_bool_val_to_name[e->bool - 1],
							db->bool_val_to_struct[e->bool - 1]->state);
		return 1;
	}
	return 0;
}
