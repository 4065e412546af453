/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sweeps' policy as the compiler wrote it.
 * Locking: none. Trust: tests only.
 */
	.section .rodata
	.globl	sweep_policy, sweep_policy_end
	.balign	16
sweep_policy:
	.incbin	"build/tests/sweep.policy"
sweep_policy_end:
	.section .note.GNU-stack, "", @progbits
