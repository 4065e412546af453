/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the boot loader's hand-over (32-bit, paging off, anywhere below 4 GiB) to 64-bit C at the image's final address.
 * Locking: one CPU, interrupts off.
 * Trust: the loader's registers; what they point to is read by boot/multiboot.c.
 */
#define CR0_PG_WP_PE	0x80010001
#define CR4_PAE		0x20
#define MSR_EFER	0xc0000080
#define EFER_LME_NXE	0x900
#define COM1		0x3f8

	.section .boot.text, "awx", @progbits
	.code32
	.globl	boot_entry
	.hidden	boot_entry
boot_entry:
	cli
	cld
	/* Where are we? A call needs a word of stack: borrow the second one of the loader's structure. */
	mov	4(%ebx), %ecx
	lea	8(%ebx), %esp
	call	1f
1:	pop	%ebp
	mov	%ecx, 4(%ebx)
	sub	$(1b - boot_text), %ebp		/* physical address of boot_text */
	lea	(boot_stack_top - boot_text)(%ebp), %esp
	mov	%eax, %esi
	mov	%ebx, %edi

	mov	$0x80000000, %eax
	cpuid
	cmp	$0x80000001, %eax
	jb	no_long_mode
	mov	$0x80000001, %eax
	cpuid
	bt	$29, %edx
	jnc	no_long_mode
	bt	$20, %edx
	jnc	no_nx

	/* Identity map of 4 GiB in 2 MiB pages, gone before the first domain exists. */
	lea	(boot_pd - boot_text)(%ebp), %eax
	mov	$0x83, %edx
	xor	%ecx, %ecx
2:	mov	%edx, (%eax,%ecx,8)
	movl	$0, 4(%eax,%ecx,8)
	add	$0x200000, %edx
	inc	%ecx
	cmp	$2048, %ecx
	jb	2b
	lea	(boot_pdpt - boot_text)(%ebp), %ebx
	lea	3(%eax), %edx
	xor	%ecx, %ecx
3:	mov	%edx, (%ebx,%ecx,8)
	movl	$0, 4(%ebx,%ecx,8)
	add	$0x1000, %edx
	inc	%ecx
	cmp	$4, %ecx
	jb	3b
	lea	(boot_pml4 - boot_text)(%ebp), %eax
	lea	3(%ebx), %edx
	mov	%edx, (%eax)
	movl	$0, 4(%eax)

	mov	%eax, %cr3
	mov	$CR4_PAE, %eax
	mov	%eax, %cr4
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$EFER_LME_NXE, %eax
	wrmsr
	mov	$CR0_PG_WP_PE, %eax
	mov	%eax, %cr0
	lea	(boot_gdt - boot_text)(%ebp), %eax
	mov	%eax, (boot_gdt_base - boot_text)(%ebp)
	lgdt	(boot_gdt_ptr - boot_text)(%ebp)
	lea	(start64 - boot_text)(%ebp), %eax
	push	$8
	push	%eax
	lret

no_long_mode:
	lea	(msg_lm - boot_text)(%ebp), %esi
	jmp	stop
no_nx:
	lea	(msg_nx - boot_text)(%ebp), %esi
stop:	/* one line on the serial port, then nothing */
	lodsb
	test	%al, %al
	jz	6f
	mov	%al, %bl
	mov	$100000, %ecx
4:	mov	$(COM1 + 5), %dx
	in	%dx, %al
	test	$0x20, %al
	jnz	5f
	loop	4b
5:	mov	%bl, %al
	mov	$COM1, %dx
	out	%al, %dx
	jmp	stop
6:	cli
	hlt
	jmp	6b

	.code64
start64:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	lea	boot_stack_top(%rip), %rsp
	xchg	%esi, %edi		/* magic, structure */
	lea	image_start(%rip), %rdx
	lea	boot_pdpt(%rip), %rcx
	xor	%ebp, %ebp
	call	early_main		/* the final tables and relocations; gives the image's address */
	lea	image_start(%rip), %rdx
	lea	boot_high(%rip), %rcx
	sub	%rdx, %rcx
	add	%rax, %rcx
	mov	early_root(%rip), %rdx
	mov	%rdx, %cr3
	jmp	*%rcx

msg_lm:	.asciz	"\r\n(RAV) boot stopped: the processor has no 64-bit mode\r\n"
msg_nx:	.asciz	"\r\n(RAV) boot stopped: the processor has no execute protection (NX), or firmware has turned it off\r\n"

	.balign	8
boot_gdt:
	.quad	0
	.quad	0x00af9a000000ffff
	.quad	0x00cf92000000ffff
boot_gdt_ptr:
	.word	boot_gdt_ptr - boot_gdt - 1
boot_gdt_base:
	.long	0, 0

	.balign	4096
boot_pml4:
	.fill	4096, 1, 0
boot_pdpt:
	.fill	4096, 1, 0
boot_pd:
	.fill	4 * 4096, 1, 0
	.fill	8192, 1, 0
boot_stack_top:
	.set	boot_text, boot_entry

	.text
	.type	boot_high, @function
boot_high:
	endbr64
	lea	main_stack_top(%rip), %rsp
	xor	%ebp, %ebp
	call	boot_main
	ud2
	.size	boot_high, . - boot_high

	/* void cpu_switch_stack(uint64_t top, void (*fn)(void)) */
	.globl	cpu_switch_stack
	.hidden	cpu_switch_stack
	.type	cpu_switch_stack, @function
cpu_switch_stack:
	endbr64
	mov	%rdi, %rsp
	xor	%ebp, %ebp
	call	*%rsi
	ud2
	.size	cpu_switch_stack, . - cpu_switch_stack

	.bss
	.balign	16
	.fill	16384, 1, 0
main_stack_top:

	.section .note.GNU-stack, "", @progbits
