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
	sub	$64, %rdx
	jb	2f
1:	mov	%rsi, (%rdi)
	mov	%rsi, 8(%rdi)
	mov	%rsi, 16(%rdi)
	mov	%rsi, 24(%rdi)
	mov	%rsi, 32(%rdi)
	mov	%rsi, 40(%rdi)
	mov	%rsi, 48(%rdi)
	mov	%rsi, 56(%rdi)
	add	$64, %rdi
	sub	$64, %rdx
	jae	1b
2:	and	$63, %edx		/* the low bits are still those of the length */
	sub	$8, %edx
	jb	4f
3:	mov	%rsi, (%rdi)
	add	$8, %rdi
	sub	$8, %edx
	jae	3b
4:	add	$8, %edx
	jz	6f
5:	mov	%sil, (%rdi)
	inc	%rdi
	dec	%edx
	jnz	5b
6:	ret
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
	sub	$64, %rdx
	jb	2f
1:	mov	(%rsi), %rcx
	mov	8(%rsi), %r8
	mov	16(%rsi), %r9
	mov	24(%rsi), %r10
	mov	%rcx, (%rdi)
	mov	%r8, 8(%rdi)
	mov	%r9, 16(%rdi)
	mov	%r10, 24(%rdi)
	mov	32(%rsi), %rcx
	mov	40(%rsi), %r8
	mov	48(%rsi), %r9
	mov	56(%rsi), %r10
	mov	%rcx, 32(%rdi)
	mov	%r8, 40(%rdi)
	mov	%r9, 48(%rdi)
	mov	%r10, 56(%rdi)
	add	$64, %rsi
	add	$64, %rdi
	sub	$64, %rdx
	jae	1b
2:	test	$32, %dl		/* the low bits are still those of the length */
	jz	3f
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
3:	and	$31, %edx
	sub	$8, %edx
	jb	5f
4:	mov	(%rsi), %rcx
	mov	%rcx, (%rdi)
	add	$8, %rsi
	add	$8, %rdi
	sub	$8, %edx
	jae	4b
5:	test	$4, %dl
	jz	6f
	mov	(%rsi), %ecx
	mov	%ecx, (%rdi)
	add	$4, %rsi
	add	$4, %rdi
6:	test	$3, %dl
	jz	8f
	test	$2, %dl
	jz	7f
	movzwl	(%rsi), %ecx
	mov	%cx, (%rdi)
	add	$2, %rsi
	add	$2, %rdi
	test	$1, %dl
	jz	8f
7:	movzbl	(%rsi), %ecx
	mov	%cl, (%rdi)
8:	ret
	.size	memcpy, . - memcpy

	.section .note.GNU-stack, "", @progbits
