/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Basic types and compiler words used by every folder.
 * Locking: none. Trust: none.
 */
#ifndef HV_TYPES_H
#define HV_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/errno.h>
#include <xen/xen.h>

/* Xen keeps this number to itself: a hypercall to be made again. It never reaches a guest. */
#define XEN_ERESTART 85

#define PAGE_SHIFT 12
#define PAGE_SIZE  ((size_t)1 << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define MAX_CPUS   64		/* physical CPUs */
#define MAX_VCPUS  64		/* vCPUs of one domain */

typedef uint64_t mfn_t;		/* machine frame number */
typedef uint64_t gfn_t;		/* guest-physical frame number */
typedef uint64_t hpa_t;		/* machine (host) physical address */
typedef uint64_t gpa_t;		/* guest physical address */
typedef uint64_t gva_t;		/* guest linear address */
typedef uint32_t sid_t;		/* security identifier; 0 is never valid */

#define MFN_INVALID (~(mfn_t)0)
#define GFN_INVALID (~(gfn_t)0)

#define unlikely(x)	__builtin_expect(!!(x), 0)
#define __slow		__attribute__((cold, noinline))	/* kept out of the way of what happens each time */
#define __must_check	__attribute__((warn_unused_result))
#define __printf(f, a)	__attribute__((format(printf, f, a)))
/* Unmapped after boot; not inlined, or it would stay where its caller is. */
#define __init		__attribute__((section(".init.text"), cold, noinline))
#define __initdata	__attribute__((section(".init.data")))
#define __initconst	__attribute__((section(".init.rodata")))
/* Written during boot only; the page tables make it read-only afterwards. */
#define __ro_after_init	__attribute__((section(".data.ro_after_init")))

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))

struct domain;
struct vcpu;
struct cpu;
struct domain_link;
struct authz;

#endif
