/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one way into guest mode and out of it (APM volume 2, 15.5):
 * void svm_enter(struct guest_regs *regs, uint64_t vmcb_pa, uint64_t host_pa).
 * Locking: interrupts are off at entry and exit; GIF is clear from CLGI to STGI, so that nothing
 * runs on half-switched state.
 * Trust: after VMRUN every general register but RAX and RSP is the guest's; none of them survives
 * this function.
 */
	.text
	.globl	svm_enter
	.hidden	svm_enter
	.type	svm_enter, @function
	.p2align 4
svm_enter:
	endbr64
	push	%rbp
	mov	%rsp, %rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rdx
	push	%rsi
	push	%rdi

	mov	%rsi, %rax
	clgi
	/*
	 * With V_INTR_MASKING the host's IF decides whether an interrupt ends guest mode (15.21.1);
	 * GIF holds it back until then.
	 */
	sti
	vmload	%rax
	mov	0x08(%rdi), %rbx
	mov	0x10(%rdi), %rcx
	mov	0x18(%rdi), %rdx
	mov	0x20(%rdi), %rsi
	mov	0x30(%rdi), %rbp
	mov	0x38(%rdi), %r8
	mov	0x40(%rdi), %r9
	mov	0x48(%rdi), %r10
	mov	0x50(%rdi), %r11
	mov	0x58(%rdi), %r12
	mov	0x60(%rdi), %r13
	mov	0x68(%rdi), %r14
	mov	0x70(%rdi), %r15
	mov	0x28(%rdi), %rdi
	vmrun	%rax

	/*
	 * RAX and RSP are ours again: RAX is the VMCB's address as before, RSP points at the saved
	 * struct guest_regs pointer.
	 */
	vmsave	%rax
	cli
	push	%rdi
	mov	8(%rsp), %rdi
	mov	%rbx, 0x08(%rdi)
	mov	%rcx, 0x10(%rdi)
	mov	%rdx, 0x18(%rdi)
	mov	%rsi, 0x20(%rdi)
	pop	0x28(%rdi)
	mov	%rbp, 0x30(%rdi)
	mov	%r8,  0x38(%rdi)
	mov	%r9,  0x40(%rdi)
	mov	%r10, 0x48(%rdi)
	mov	%r11, 0x50(%rdi)
	mov	%r12, 0x58(%rdi)
	mov	%r13, 0x60(%rdi)
	mov	%r14, 0x68(%rdi)
	mov	%r15, 0x70(%rdi)
	mov	16(%rsp), %rax
	vmload	%rax
	stgi

	/*
	 * What the guest left in registers that C does not reload must not be there for a
	 * mispredicted load to use.
	 */
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	/*
	 * Nor must the return addresses that the guest's own calls left for the processor to
	 * predict: 32 calls overwrite them. A return that is mispredicted all the same stops at INT3.
	 */
	.rept	32
	call	1f
	int3
1:
	.endr
	add	$(32 * 8 + 24), %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
	.size	svm_enter, . - svm_enter
	.section .note.GNU-stack, "", @progbits
