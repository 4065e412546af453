/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of rav policy diff.
 * Locking: single-threaded. Trust: policies that binary.c has read.
 */
#ifndef RAV_POLICY_DIFF_H
#define RAV_POLICY_DIFF_H

#include <json-c/json.h>

#include "binary.h"

/*
 * What differs besides access, a line of text each: names, initial labels, transitions, booleans,
 * what is answered by ancestors.
 */
void diff_of_names(struct binary *old_one, struct binary *new_one, struct json_object *list);

#endif
