/* SPDX-License-Identifier: Apache-2.0 */
/* Planted, for clang-tidy: the size of a pointer, not of what it points to. */
#include <string.h>

struct answer {
	char text[64];
};

void answer_clear(struct answer *a);
void answer_clear(struct answer *a)
{
	memset(a, 0, sizeof(a));
}
