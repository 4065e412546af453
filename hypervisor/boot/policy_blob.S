/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default policy, embedded: there is no boot without one.
 * Locking: none.
 * Trust: ours, yet parsed with the same suspicion as any other.
 */
	.section .policy, "a", @progbits
	.balign	16
	.globl	embedded_policy
	.hidden	embedded_policy
embedded_policy:
	.incbin	"build/policy"
	.globl	embedded_policy_end
	.hidden	embedded_policy_end
embedded_policy_end:
	.section .note.GNU-stack, "", @progbits
