/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells AddressSanitizer (hosted builds) which bytes of the heap are allocated; nothing otherwise.
 * Locking: none. Trust: none.
 */
#ifndef CORE_MM_ASAN_H
#define CORE_MM_ASAN_H

#include <hv/types.h>

#ifdef __SANITIZE_ADDRESS__
void __asan_poison_memory_region(const volatile void *addr, size_t size);
void __asan_unpoison_memory_region(const volatile void *addr, size_t size);
#define heap_hide(p, n)		__asan_poison_memory_region(p, n)
#define heap_show(p, n)		__asan_unpoison_memory_region(p, n)
#else
#define heap_hide(p, n)		((void)(p))
#define heap_show(p, n)		((void)(p))
#endif

#endif
