/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditional rules: in force as the booleans say.
 * Locking: single-threaded. Trust: a policy that libsepol has read.
 */
#include "conditions.h"

#include <sepol/policydb/conditional.h>

void conditions_evaluate(policydb_t *db)
{
	for (cond_node_t *n = db->cond_list; n; n = n->next)
		n->cur_state = -2;
	evaluate_conds(db);
}
