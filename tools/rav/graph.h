/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a reach graph.
 * Locking: single-threaded. Trust: names are the policy's: escaped for the format.
 */
#ifndef RAV_GRAPH_H
#define RAV_GRAPH_H

#include <stdio.h>

#include "reach.h"

/*
 * Edges of one pair that differ only in their means are drawn as one line each, in the means'
 * colour.
 */
void graph_dot(const struct reach *r, FILE *f);
void graph_svg(const struct reach *r, FILE *f);
void graph_text(const struct reach *r, FILE *f);
const char *graph_colour(enum means m);

#endif
