/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Behind each object of the core's heap lie some bytes that nobody may touch, so that AddressSanitizer sees a step over the end even where the size is a
 * power of two and a neighbour begins at once. Linked in place of heap_alloc(), unless a program has another for it.
 * Locking: the heap's. Trust: tests only.
 */
#include <hv/mm.h>

#include "../../hypervisor/core/mm_asan.h"

#ifdef __SANITIZE_ADDRESS__
#define REDZONE 16u
#else
#define REDZONE 0u
#endif

void *__real_heap_alloc(struct domain *payer, size_t size);
void *__wrap_heap_alloc(struct domain *payer, size_t size);
void *__wrap_heap_alloc(struct domain *payer, size_t size)
{
	char *p = __real_heap_alloc(payer, size + REDZONE);

	if (p)
		heap_hide(p + size, REDZONE);
	return p;
}
