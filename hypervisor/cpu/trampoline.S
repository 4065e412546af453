/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where other processors start: real mode, one page below 1 MiB, to 64-bit code at the image's address.
 * Locking: one CPU is started at a time; the words at the end are filled in by cpu/smp.c.
 * Trust: no guest data.
 */
#define OFF(sym) (sym - trampoline_start)

	.section .rodata
	.balign	16
	.globl	trampoline_start, trampoline_end, trampoline_words
	.hidden	trampoline_start, trampoline_end, trampoline_words
	.code16
trampoline_start:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	movzwl	%ax, %ebx
	shl	$4, %ebx			/* this page's address */
	lea	OFF(tr_gdt)(%ebx), %eax
	mov	%eax, OFF(tr_gdt_ptr) + 2
	lea	OFF(tr_32)(%ebx), %eax
	mov	%eax, OFF(tr_far)
	lea	OFF(tr_64)(%ebx), %eax		/* now: with paging on, this page is not writable */
	mov	%eax, OFF(tr_far64)
	lgdtl	OFF(tr_gdt_ptr)
	mov	%cr0, %eax
	and	$0x9fffffff, %eax		/* caches on */
	or	$1, %eax
	mov	%eax, %cr0
	ljmpl	*OFF(tr_far)

	.code32
tr_32:
	mov	$0x10, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x20, %eax			/* PAE */
	mov	%eax, %cr4
	mov	OFF(tr_root)(%ebx), %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx
	rdmsr
	or	$0x900, %eax			/* LME, NXE */
	wrmsr
	mov	%cr0, %eax
	or	$0x80010001, %eax		/* PG, WP, PE */
	mov	%eax, %cr0
	ljmp	*OFF(tr_far64)(%ebx)

	.code64
tr_64:
	mov	%ebx, %ebx
	mov	OFF(tr_stack)(%rbx), %rsp
	mov	OFF(tr_entry)(%rbx), %rax
	xor	%ebp, %ebp
	call	*%rax
	ud2

	.balign	8
tr_gdt:	/* "accessed" is set already: the page is read-only when it is used */
	.quad	0
	.quad	0x00cf9b000000ffff		/* 32-bit code */
	.quad	0x00cf93000000ffff		/* data */
	.quad	0x00af9b000000ffff		/* 64-bit code */
tr_gdt_ptr:
	.word	tr_gdt_ptr - tr_gdt - 1
	.long	0
tr_far:
	.long	0
	.word	8
tr_far64:
	.long	0
	.word	0x18
	.balign	8
trampoline_words:
tr_root:	.quad	0
tr_stack:	.quad	0
tr_entry:	.quad	0
trampoline_end:
	.section .note.GNU-stack, "", @progbits
