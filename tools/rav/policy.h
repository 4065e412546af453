/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs of `rav policy`.
 * Locking: single-threaded. Trust: see each.
 */
#ifndef RAV_POLICY_H
#define RAV_POLICY_H

int policy_build(int argc, char **argv);
int policy_check(int argc, char **argv);
int policy_lint(int argc, char **argv);
int policy_load(int argc, char **argv);
int policy_show(int argc, char **argv);
int policy_query(int argc, char **argv);
int policy_explain(int argc, char **argv);
int policy_diff(int argc, char **argv);
int policy_graph(int argc, char **argv);
int policy_hash(int argc, char **argv);

#endif
