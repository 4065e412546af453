/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The serial line's interrupt, for cpu/traps.c.
 * Locking: CPU 0 only.
 * Trust: bytes from the line are the operator's.
 */
#ifndef CPU_SERIAL_H
#define CPU_SERIAL_H

void serial_interrupt(void);

#endif
