/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memcpy, memmove, memset: word-wise, general registers only (SSE state is the guest's).
 * Locking: none.
 * Trust: callers bound every length. String instructions are not used: emulated machines run them element by element.
 */
	.text

	.globl	memset
	.hidden	memset
	.type	memset, @function
memset:
	endbr64
	mov	%rdi, %rax
	movzbl	%sil, %esi
	movabs	$0x0101010101010101, %rcx
	imul	%rcx, %rsi
1:	cmp	$64, %rdx
	jb	2f
	mov	%rsi, (%rdi)
	mov	%rsi, 8(%rdi)
	mov	%rsi, 16(%rdi)
	mov	%rsi, 24(%rdi)
	mov	%rsi, 32(%rdi)
	mov	%rsi, 40(%rdi)
	mov	%rsi, 48(%rdi)
	mov	%rsi, 56(%rdi)
	add	$64, %rdi
	sub	$64, %rdx
	jmp	1b
2:	test	%rdx, %rdx
	jz	3f
	mov	%sil, (%rdi)
	inc	%rdi
	dec	%rdx
	jmp	2b
3:	ret
	.size	memset, . - memset

	.globl	memmove
	.hidden	memmove
	.type	memmove, @function
memmove:
	endbr64
	mov	%rdi, %rcx
	sub	%rsi, %rcx
	cmp	%rdx, %rcx
	jae	forward			/* dst is not inside [src, src + n) */
	mov	%rdi, %rax
1:	cmp	$8, %rdx
	jb	2f
	mov	-8(%rsi,%rdx), %rcx
	mov	%rcx, -8(%rdi,%rdx)
	sub	$8, %rdx
	jmp	1b
2:	test	%rdx, %rdx
	jz	3f
	movzbl	-1(%rsi,%rdx), %ecx
	mov	%cl, -1(%rdi,%rdx)
	dec	%rdx
	jmp	2b
3:	ret
	.size	memmove, . - memmove

	.globl	memcpy
	.hidden	memcpy
	.type	memcpy, @function
memcpy:
	endbr64
forward:
	mov	%rdi, %rax
1:	cmp	$32, %rdx
	jb	2f
	mov	(%rsi), %rcx
	mov	8(%rsi), %r8
	mov	16(%rsi), %r9
	mov	24(%rsi), %r10
	mov	%rcx, (%rdi)
	mov	%r8, 8(%rdi)
	mov	%r9, 16(%rdi)
	mov	%r10, 24(%rdi)
	add	$32, %rsi
	add	$32, %rdi
	sub	$32, %rdx
	jmp	1b
2:	cmp	$8, %rdx
	jb	3f
	mov	(%rsi), %rcx
	mov	%rcx, (%rdi)
	add	$8, %rsi
	add	$8, %rdi
	sub	$8, %rdx
	jmp	2b
3:	test	%rdx, %rdx
	jz	4f
	movzbl	(%rsi), %ecx
	mov	%cl, (%rdi)
	inc	%rsi
	inc	%rdi
	dec	%rdx
	jmp	3b
4:	ret
	.size	memcpy, . - memcpy

	.section .note.GNU-stack, "", @progbits
