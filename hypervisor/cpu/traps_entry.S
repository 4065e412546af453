/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 256 interrupt gates into one C function.
 * Locking: interrupts stay off inside.
 * Trust: comes from ring 0 only; nothing runs below it in this address space.
 */
	.text
	.macro	save_and_call
	.irp	r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	push	%\r
	.endr
	cld
	mov	%rsp, %rdi
	mov	%rsp, %rbx
	and	$-16, %rsp
	call	trap_dispatch
	mov	%rbx, %rsp
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax
	pop	%\r
	.endr
	add	$16, %rsp
	iretq
	.endm

	.type	trap_common, @function
trap_common:
	save_and_call
	.size	trap_common, . - trap_common

	/* Vectors that push an error code: APM vol. 2, 8.2: 8, 10-14, 17, 21, 29, 30. */
	.balign	16
	.globl	trap_stubs
	.hidden	trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	endbr64
	.if	vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30
	.else
	push	$0
	.endif
	push	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr
	.section .note.GNU-stack, "", @progbits
