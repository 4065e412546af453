/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: PVH entry, long mode, the second vCPU's trampoline, interrupt entry.
 * Locking: none. Trust: a guest; nothing here is trusted by anybody.
 */
#define CODE64		0x08
#define DATA		0x10
#define CODE32		0x18
#define TRAMPOLINE	0x8000		/* TRAMPOLINE_GPA of guest.h */
#define STACK_BYTES	0x4000		/* STACK_BYTES of guest.h */

	.section .note.Xen, "a", @note
	.balign 4
	.long	4, 4, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	start32

	.text
	.code32
	.globl	start32
start32:
	cli
	cld
	movl	%ebx, %ebp		/* start_info */
	movl	$stacks + STACK_BYTES, %esp
	/* Identity map of 4 GiB in 2 MiB pages. */
	movl	$page_directories, %edi
	xorl	%eax, %eax
1:	movl	%eax, %edx
	shll	$21, %edx
	orl	$0x83, %edx
	movl	%edx, (%edi, %eax, 8)
	movl	$0, 4(%edi, %eax, 8)
	incl	%eax
	cmpl	$2048, %eax
	jb	1b
	movl	$page_pdpt, %edi
	movl	$page_directories + 3, %edx
	xorl	%eax, %eax
2:	movl	%edx, (%edi, %eax, 8)
	addl	$4096, %edx
	incl	%eax
	cmpl	$4, %eax
	jb	2b
	movl	$page_pdpt + 3, page_root
	call	long_mode_on
	lgdt	gdt_pointer
	ljmp	$CODE64, $start64

	/* CR4.PAE, CR3, EFER.LME|SCE, CR0.PG; returns in compatibility mode. */
long_mode_on:
	movl	%cr4, %eax
	orl	$0x20, %eax
	movl	%eax, %cr4
	movl	$page_root, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x101, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$0x80010001, %eax
	movl	%eax, %cr0
	ret

	.code64
start64:
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$stacks + STACK_BYTES, %esp
	movl	%ebp, %edi
	call	guest_main
3:	cli
	hlt
	jmp	3b

	/* Copied to TRAMPOLINE; a SIPI starts it in real mode with CS = TRAMPOLINE >> 4. */
	.globl	trampoline, trampoline_end
	.code16
trampoline:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	TRAMPOLINE + (tramp_gdt_pointer - trampoline)
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$CODE32, $ap_start32
	.balign	4
tramp_gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt
trampoline_end:

	.code32
ap_start32:
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	ap_stack, %esp
	call	long_mode_on
	ljmp	$CODE64, $ap_start64
	.code64
ap_start64:
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%esp, %esp
	call	guest_ap_main
4:	cli
	hlt
	jmp	4b

	/* One stub of 16 bytes a vector; those without an error code push 0. */
	.globl	trap_stubs
	.balign	16
trap_stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

trap_common:
	pushq	%rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movq	%rsp, %rdi
	movq	%rsp, %rbx
	andq	$-16, %rsp
	call	trap_handle
	movq	%rbx, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rbp
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rbx
	popq	%rax
	addq	$16, %rsp
	iretq

	.data
	.balign	8
gdt:	.quad	0
	.quad	0x00af9a000000ffff	/* CODE64 */
	.quad	0x00cf92000000ffff	/* DATA */
	.quad	0x00cf9a000000ffff	/* CODE32 */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt
	.globl	ap_stack
ap_stack:
	.long	0

	.bss
	.balign	4096
page_root:	.skip 4096
page_pdpt:	.skip 4096
page_directories: .skip 4 * 4096
	.globl	stacks
stacks:	.skip	8 * STACK_BYTES

	.section .note.GNU-stack, "", @progbits
