/* SPDX-License-Identifier: Apache-2.0 */
/* Planted, for gcc -fanalyzer: freed on one way, and used on both. */
#include <stdlib.h>

int use_after_free(int *p, int done);
int use_after_free(int *p, int done)
{
	if (done)
		free(p);
	return *p;
}
