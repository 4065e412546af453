/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CPU's own piece of address space, in pages from VA_CPU + cpu * VA_CPU_SIZE. What is not named is a guard page.
 * Locking: none.
 * Trust: no guest data.
 */
#ifndef CPU_LAYOUT_H
#define CPU_LAYOUT_H

#define CPU_STACK	1u
#define CPU_STACK_PAGES	8u
#define CPU_STACK_NMI	10u
#define CPU_STACK_DF	14u
#define CPU_STACK_MC	18u
#define CPU_IST_PAGES	2u
#define CPU_WINDOWS	32u	/* EDGE_WINDOWS of them */

#endif
