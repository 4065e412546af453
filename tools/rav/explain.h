/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question of access, taken apart: what is missing, what would add it, what that opens besides.
 * Findings are JSON; text is written from them.
 * Locking: single-threaded. Trust: labels and names have been checked against the policy.
 */
#ifndef RAV_EXPLAIN_H
#define RAV_EXPLAIN_H

#include <json-c/json.h>

#include "binary.h"

struct explain {
	struct binary *b;
	struct label source, target;
	uint32_t class_value, perms;		/* the policy's */
	struct json_object *findings;
};

/* Appends what speaks for or against e->perms; returns those that are allowed. */
uint32_t explain_access(struct explain *e);
struct json_object *finding_add(struct json_object *findings, const char *kind, const char *fmt,
				...) __attribute__((format(printf, 3, 4)));
void findings_print(const struct json_object *findings);

/* Parts, each in a file of its own. */
/* what a rule for them would open */
void explain_opens(struct explain *e, uint32_t perms, struct json_object *finding);
/* neverallows that such a rule breaks */
void explain_refusals(struct explain *e, const char *line, struct json_object *finding);
/* which rules, and where they stand */
void explain_grants(struct explain *e, uint32_t perms, struct json_object *finding);
void explain_constraint(struct explain *e, uint32_t perms, const char *reason,
			struct json_object *finding);

#endif
