/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instruction lengths from the bytes, for processors that do not report the next RIP; and the plain
 * moves of emulated MMIO (APM volume 3, chapter 1 and appendix A).
 * Locking: none. Trust: the bytes are the guest's; never reads beyond n, never accepts more than
 * 15.
 */
#include <hv/guest.h>

#define MAX_INSN 15

struct prefixes {
	unsigned int n;		/* bytes taken */
	uint8_t rex;
	bool operand16, address, lock_or_rep;
};

/*@ assigns \nothing; */
static bool is_legacy_prefix(uint8_t b)
{
	switch (b) {
	case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65:
	case 0x66: case 0x67: case 0xf0: case 0xf2: case 0xf3:
		return true;
	default:
		return false;
	}
}

/*@ requires \valid_read(b + (0 .. n - 1)) && n <= MAX_INSN; assigns \nothing; ensures \result.n <= n; */
static struct prefixes prefixes_scan(const uint8_t *b, unsigned int n, bool long_mode)
{
	struct prefixes p = { 0 };

	/*@ loop invariant p.n <= n; loop assigns p; loop variant n - p.n; */
	for (; p.n < n && is_legacy_prefix(b[p.n]); p.n++) {
		p.operand16 |= b[p.n] == 0x66;
		p.address |= b[p.n] == 0x67;
		p.lock_or_rep |= b[p.n] >= 0xf0;
	}
	/*
	 * REX counts only directly in front of the opcode; one with a prefix behind it has no
	 * effect, but is there.
	 */
	/*@ loop invariant p.n <= n; loop assigns p; loop variant n - p.n; */
	while (long_mode && p.n < n && (b[p.n] & 0xf0) == 0x40) {
		p.rex = b[p.n++];
		/*@ loop invariant \at(p.n, LoopEntry) <= p.n <= n; loop assigns p; loop variant n - p.n; */
		for (; p.n < n && is_legacy_prefix(b[p.n]); p.n++) {
			p.operand16 |= b[p.n] == 0x66;
			p.address |= b[p.n] == 0x67;
			p.lock_or_rep |= b[p.n] >= 0xf0;
			p.rex = 0;
		}
	}
	return p;
}

/*@
  requires \valid_read(b + (0 .. n - 1)) && \valid_read(op + (0 .. len - 1));
  assigns \nothing;
  ensures \result ==> len <= n;
*/
static bool opcode_is(const uint8_t *b, unsigned int n, const uint8_t *op, unsigned int len)
{
	/*@ loop invariant i <= len && i <= n; loop assigns i; loop variant len - i; */
	for (unsigned int i = 0; i < len; i++)
		if (i >= n || b[i] != op[i])
			return false;
	return true;
}

/*@
  requires \valid_read(bytes + (0 .. n - 1));
  assigns \nothing;
  ensures \result <= n && \result <= MAX_INSN;
*/
unsigned int insn_length(const uint8_t *bytes, unsigned int n, enum insn_kind kind, bool long_mode)
{
	static const struct {
		enum insn_kind kind;
		uint8_t len, op[3];
	} table[] = {
		{ INSN_CPUID, 2, { 0x0f, 0xa2 } },
		{ INSN_HLT, 1, { 0xf4 } },
		{ INSN_RDTSC, 2, { 0x0f, 0x31 } },
		{ INSN_RDTSCP, 3, { 0x0f, 0x01, 0xf9 } },
		{ INSN_RDMSR_WRMSR, 2, { 0x0f, 0x30 } },
		{ INSN_RDMSR_WRMSR, 2, { 0x0f, 0x32 } },
		{ INSN_VMMCALL, 3, { 0x0f, 0x01, 0xd9 } },
		{ INSN_XSETBV, 3, { 0x0f, 0x01, 0xd1 } },
		{ INSN_INVD_WBINVD, 2, { 0x0f, 0x08 } },
		{ INSN_INVD_WBINVD, 2, { 0x0f, 0x09 } },
		{ INSN_RDPMC, 2, { 0x0f, 0x33 } },
	};
	struct prefixes p = prefixes_scan(bytes, n < MAX_INSN ? n : MAX_INSN, long_mode);

	/*@ loop assigns i; loop invariant i <= 11; loop variant 11 - i; */
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].kind == kind && p.n + table[i].len <= MAX_INSN &&
		    opcode_is(bytes + p.n, n - p.n, table[i].op, table[i].len))
			return p.n + table[i].len;
	return 0;
}

/*
 * Length of ModRM, SIB and displacement at b; 0 if the bytes end early or the operand is a
 * register.
 */
/*@ requires \valid_read(b + (0 .. n - 1)); assigns \nothing; ensures \result <= n; */
static unsigned int modrm_length(const uint8_t *b, unsigned int n, bool addr16)
{
	unsigned int mod, rm, len = 1;

	if (n < 1)
		return 0;
	mod = b[0] >> 6;
	rm = b[0] & 7;
	if (mod == 3)
		return 0;
	if (addr16) {
		len += mod == 2 || (mod == 0 && rm == 6) ? 2 : mod;
	} else {
		if (rm == 4) {
			if (n < 2)
				return 0;
			len++;
			rm = b[1] & 7;	/* base 5 without displacement size means disp32 */
		}
		if (mod == 2 || (mod == 0 && rm == 5))
			len += 4;
		else
			len += mod;
	}
	return len <= n ? len : 0;
}

/*@ assigns \nothing; ensures \result < 16; */
static unsigned int modrm_reg(uint8_t modrm, uint8_t rex)
{
	return modrm / 8u % 8u + (rex & 4 ? 8u : 0);
}

/*@ requires \valid_read(b + (0 .. size - 1)) && size <= 4; assigns \nothing; */
static uint64_t imm_read(const uint8_t *b, unsigned int size)
{
	uint32_t v = 0;

	/*@ loop invariant i <= size; loop assigns i, v; loop variant size - i; */
	for (unsigned int i = 0; i < size; i++)
		v |= (uint32_t)b[i] << (8 * i);
	return size == 4 ? (uint64_t)(int64_t)(int32_t)v : v;
}

/*
 * The opcode's part that does not need the operand; returns its length, 0 if it is not a move we
 * know.
 */
/*@
  requires \valid_read(b + (0 .. n - 1)) && \valid(m) && \separated(m, b + (0 .. n - 1));
  requires word == 2 || word == 4 || word == 8;
  assigns *m;
  ensures \result <= n && \result <= 2;
  ensures \result > 0 ==> (m->size == 1 || m->size == 2 || m->size == word);
*/
static unsigned int mov_opcode(const uint8_t *b, unsigned int n, unsigned int word,
			       struct insn_mov *m)
{
	if (n < 1)
		return 0;
	m->size = word;
	switch (b[0]) {
	case 0x88: case 0x89:
		m->write = true;
		m->size = b[0] & 1 ? word : 1;
		return 1;
	case 0x8a: case 0x8b:
		m->size = b[0] & 1 ? word : 1;
		return 1;
	case 0xc6: case 0xc7:
		m->write = m->has_imm = true;
		m->size = b[0] & 1 ? word : 1;
		return 1;
	case 0x0f:
		break;
	default:
		return 0;
	}
	if (n < 2)
		return 0;
	m->zero_extend = (b[1] & 0xfe) == 0xb6;
	m->sign_extend = (b[1] & 0xfe) == 0xbe;
	m->size = b[1] & 1 ? 2 : 1;
	m->dest_size = word;
	return m->zero_extend || m->sign_extend ? 2 : 0;
}

/*@
  requires \valid_read(bytes + (0 .. n - 1)) && \valid(out) && \separated(out, bytes + (0 .. n - 1));
  assigns *out;
  ensures \result == 0 || \result == -XEN_EOPNOTSUPP;
  ensures length: \result == 0 ==> 0 < out->len <= n && out->len <= MAX_INSN;
  ensures reg: \result == 0 ==> out->reg < 16;
  ensures size: \result == 0 ==> out->size == 1 || out->size == 2 || out->size == 4 || out->size == 8;
*/
int insn_decode_mov(const uint8_t *bytes, unsigned int n, bool long_mode, bool def32,
		    struct insn_mov *out)
{
	struct prefixes p;
	unsigned int word, op, rm, imm, at;
	bool addr16;

	if (n > MAX_INSN)
		n = MAX_INSN;
	p = prefixes_scan(bytes, n, long_mode);
	*out = (struct insn_mov){ 0 };
	word = (long_mode || def32) != p.operand16 ? 4 : 2;
	if (p.rex & 8)
		word = 8;
	addr16 = !long_mode && (def32 == p.address);
	op = mov_opcode(bytes + p.n, n - p.n, word, out);
	if (!op || p.lock_or_rep)
		return -XEN_EOPNOTSUPP;
	if (!out->dest_size)
		out->dest_size = out->size;
	at = p.n + op;
	rm = modrm_length(bytes + at, n - at, addr16);
	imm = !out->has_imm ? 0 : out->size == 8 ? 4 : out->size;
	if (!rm || at + rm + imm > n || (out->has_imm && (bytes[at] & 0x38)))
		return -XEN_EOPNOTSUPP;
	out->reg = modrm_reg(bytes[at], p.rex);
	out->high_byte = !out->has_imm && !p.rex &&
			 (out->write ? out->size : out->dest_size) == 1 && out->reg >= 4;
	if (imm)
		out->imm = imm_read(bytes + at + rm, imm);
	out->len = at + rm + imm;
	return 0;
}
