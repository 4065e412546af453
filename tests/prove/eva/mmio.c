/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/guest/mmio.c: any address, any instruction, at each look another. What an instruction can be: the row of insn.c. */
#include "emulate.c"

uint32_t lapic_mmio_read(struct vcpu *v, uint32_t offset) { look(offset); return any_u32; }
void lapic_mmio_write(struct vcpu *v, uint32_t offset, uint32_t val) { look((uint64_t)offset + val); }

int insn_decode_mov(const uint8_t *bytes, unsigned int n, bool long_mode, bool def32, struct insn_mov *out)
{
	const unsigned int some_size[] = { 1, 2, 4, 8 };

	/*@ assert bounded: n <= 15; */
	look((uint64_t)long_mode + def32);
	guest_look(bytes, n);
	if (any_bool)
		return -XEN_EINVAL;
	guest_fill(out, sizeof(*out));
	out->len = 1 + any_below(15);
	out->size = some_size[any_below(4)];
	out->reg = any_below(16);
	return 0;
}

void eva_main(void)
{
	uint8_t bytes[15];
	unsigned int n;

	any_machine();
	look((uint64_t)guest_mmio_fault(self, any_u64, any_bool));
	any_machine();
	n = guest_fetch_insn(self, bytes);
	/*@ assert bounded: n <= 15; */
	guest_look(bytes, n);
}
