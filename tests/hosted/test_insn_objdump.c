/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instruction decoder against objdump, both ways, in 64-, 32- and 16-bit code: what ours takes objdump reads as the same instruction of the same
 * length and operand size; what objdump reads as an instruction that ours should know, ours takes. One instruction lies in each slot of 32 bytes.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "hosted.h"

#include <hv/guest.h>

#define SLOT		32u		/* an instruction, what else its bytes may begin, and a NOP to its end */
#define MAX_INSN	15u
#define LEGACY_PREFIXES	11u

enum mode { MODE16, MODE32, MODE64, MODES };
static const char *const machine[MODES] = { "i8086", "i386", "i386:x86-64" };

static enum mode mode;			/* of the test that runs */
static FILE *slots;			/* what objdump reads */
static FILE *originals;			/* what ours reads */
static uint64_t written, compared, accepted, unknown;

/* --- what is tried ------------------------------------------------------------------------------------------------- */
struct bytes {
	uint8_t b[SLOT];
	unsigned int n;
};

static const uint8_t plain[][4] = {	/* length, bytes */
	{ 2, 0x0f, 0xa2 }, { 1, 0xf4 }, { 2, 0x0f, 0x31 }, { 3, 0x0f, 0x01, 0xf9 }, { 2, 0x0f, 0x30 }, { 2, 0x0f, 0x32 },
	{ 3, 0x0f, 0x01, 0xd9 }, { 3, 0x0f, 0x01, 0xd1 }, { 2, 0x0f, 0x08 }, { 2, 0x0f, 0x09 }, { 2, 0x0f, 0x33 },
};
static const uint8_t moves[][3] = {
	{ 1, 0x88 }, { 1, 0x89 }, { 1, 0x8a }, { 1, 0x8b }, { 1, 0xc6 }, { 1, 0xc7 },
	{ 2, 0x0f, 0xb6 }, { 2, 0x0f, 0xb7 }, { 2, 0x0f, 0xbe }, { 2, 0x0f, 0xbf },
};
static const uint8_t prefix[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x40, 0x41, 0x42, 0x43, 0x44,
				  0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f };

static size_t prefix_kinds(void)
{
	return mode == MODE64 ? sizeof(prefix) : LEGACY_PREFIXES;
}

static const uint8_t *behind_prefixes(const uint8_t *b)
{
	while (memchr(prefix, *b, prefix_kinds()))
		b++;
	return b;
}

static uint32_t dice(uint32_t sides)
{
	static uint64_t state = 0x9e3779b97f4a7c15ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % sides;
}

static void put(struct bytes *x, uint8_t b)
{
	if (x->n < SLOT)
		x->b[x->n] = b;
	x->n++;
}

static bool is_rex(uint8_t b)
{
	return mode == MODE64 && (b & 0xf0) == 0x40;
}

/*
 * A REX that is not directly in front of the opcode has no effect (APM volume 3, 1.2.7), but objdump starts anew behind it and forgets the prefixes
 * before: it gets the instruction without those.
 */
static struct bytes without_idle_rex(const struct bytes *x)
{
	size_t prefixes = (size_t)(behind_prefixes(x->b) - x->b);
	struct bytes y = { 0 };

	for (size_t i = 0; i < x->n; i++)
		if (!is_rex(x->b[i]) || i + 1 >= prefixes)
			put(&y, x->b[i]);
	return y;
}

/* Fills the slot up with one instruction: NOP with as many prefixes as are needed. */
static void slot_fill(struct bytes *x)
{
	while (x->n < SLOT - 1)
		put(x, 0x66);
	put(x, 0x90);
}

static void emit(struct bytes x)
{
	struct bytes y = without_idle_rex(&x);

	if (x.n > MAX_INSN)
		return;
	slot_fill(&x);
	slot_fill(&y);
	assert_int_equal(fwrite(y.b, SLOT, 1, slots), 1);
	assert_int_equal(fwrite(x.b, SLOT, 1, originals), 1);
	written++;
}

/* Opcode, ModRM, SIB, and bytes, all different, for any displacement and immediate. */
static void emit_move(struct bytes x, const uint8_t *op, uint8_t modrm, uint8_t sib, bool has_sib)
{
	static const uint8_t argument[8] = { 0x51, 0x92, 0x53, 0x94, 0x55, 0x96, 0x57, 0x99 };

	for (unsigned int i = 0; i < op[0]; i++)
		put(&x, op[1 + i]);
	put(&x, modrm);
	if (has_sib)
		put(&x, sib);
	for (unsigned int i = 0; i < 8 && x.n < MAX_INSN; i++)
		put(&x, argument[i]);
	emit(x);
}

/* Every ModRM; every SIB where step is 1. */
static void emit_all_operands(struct bytes x, const uint8_t *op, unsigned int step)
{
	for (unsigned int modrm = 0; modrm < 0xc8; modrm++) {
		bool has_sib = (modrm & 7) == 4 && modrm < 0xc0;

		for (unsigned int sib = 0; sib < (has_sib ? 0x100 : 1); sib += modrm < 0x40 ? step : 5)
			emit_move(x, op, (uint8_t)modrm, (uint8_t)sib, has_sib);
	}
}

static void try_moves(void)
{
	static const uint8_t before[][4] = { { 0 }, { 1, 0x66 }, { 1, 0x67 }, { 2, 0x66, 0x67 }, { 1, 0x48 }, { 1, 0x45 }, { 1, 0x40 },
					     { 2, 0x66, 0x4f }, { 3, 0x67, 0x2e, 0x4c } };

	for (size_t p = 0; p < (mode == MODE64 ? ARRAY_SIZE(before) : 4); p++)
		for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
			struct bytes x = { .n = before[p][0] };

			memcpy(x.b, before[p] + 1, x.n);
			emit_all_operands(x, moves[i], p ? 5 : 1);
		}
}

/* What we know behind n prefixes of any kind in any order. */
static void emit_behind(struct bytes x)
{
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		struct bytes y = x;

		for (unsigned int k = 0; k < plain[i][0]; k++)
			put(&y, plain[i][1 + k]);
		emit(y);
	}
	emit_move(x, moves[dice(ARRAY_SIZE(moves))], (uint8_t)dice(256), (uint8_t)dice(256), true);
}

static void try_prefixes(void)
{
	uint32_t kinds = (uint32_t)prefix_kinds();

	emit_behind((struct bytes){ 0 });
	for (uint32_t a = 0; a < kinds; a++) {
		emit_behind((struct bytes){ .n = 1, .b = { prefix[a] } });
		for (uint32_t b = 0; b < kinds; b++)
			emit_behind((struct bytes){ .n = 2, .b = { prefix[a], prefix[b] } });
	}
	for (unsigned int i = 0; i < 4000; i++) {
		struct bytes x = { .n = 3 + dice(12) };

		for (unsigned int k = 0; k < x.n; k++)
			x.b[k] = prefix[dice(kinds)];
		emit_behind(x);
	}
}

/* Every opcode of one byte and behind 0f, with every ModRM: what else might be taken for ours. */
static void try_opcodes(void)
{
	for (unsigned int op = 0; op < 0x200; op++)
		for (unsigned int modrm = 0; modrm < 0x100; modrm++) {
			struct bytes x = { 0 };

			if (op >= 0x100)
				put(&x, 0x0f);
			put(&x, (uint8_t)op);
			put(&x, (uint8_t)modrm);
			for (unsigned int i = 0; i < 4; i++)
				put(&x, (uint8_t)dice(0x40));
			emit(x);
		}
}

/* --- what objdump says --------------------------------------------------------------------------------------------- */
struct reading {
	unsigned int len;
	bool lock_or_rep;
	char name[24], operands[96];
};

static bool is_prefix_word(const char *w, bool *lock_or_rep)
{
	static const char *const words[] = { "data16", "data32", "addr16", "addr32", "cs", "ds", "es", "fs", "gs", "ss" };

	if (!strcmp(w, "lock") || !strncmp(w, "rep", 3) || !strcmp(w, "bnd") || !strcmp(w, "xacquire") || !strcmp(w, "xrelease")) {
		*lock_or_rep = true;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(w, words[i]))
			return true;
	return !strncmp(w, "rex", 3);
}

/* One line's words; true if it names an instruction, not prefixes alone. */
static bool words_take(char *text, struct reading *r)
{
	char *save, *w = strtok_r(text, " \t\n", &save);

	for (; w && is_prefix_word(w, &r->lock_or_rep); w = strtok_r(NULL, " \t\n", &save))
		;
	if (!w)
		return false;
	snprintf(r->name, sizeof(r->name), "%s", w);
	w = strtok_r(NULL, "#\n", &save);
	snprintf(r->operands, sizeof(r->operands), "%s", w ? w + strspn(w, " ") : "");
	r->operands[strcspn(r->operands, " \t")] = '\0';
	return true;
}

static bool line_next(FILE *f, uint64_t *at, char text[256])
{
	char line[256], *colon;

	while (fgets(line, sizeof(line), f)) {
		colon = strchr(line, ':');
		if (line[0] != ' ' || !colon)
			continue;
		*at = strtoull(line, NULL, 16);
		strcpy(text, colon + 1);
		return true;
	}
	return false;
}

static bool kind_of(const char *name, enum insn_kind *kind)
{
	static const struct {
		const char *name;
		enum insn_kind kind;
	} known[] = {
		{ "cpuid", INSN_CPUID }, { "hlt", INSN_HLT }, { "rdtsc", INSN_RDTSC }, { "rdtscp", INSN_RDTSCP },
		{ "rdmsr", INSN_RDMSR_WRMSR }, { "wrmsr", INSN_RDMSR_WRMSR }, { "vmmcall", INSN_VMMCALL },
		{ "vmgexit", INSN_VMMCALL /* f2, f3; a VMMCALL outside encrypted guests */ }, { "xsetbv", INSN_XSETBV },
		{ "invd", INSN_INVD_WBINVD }, { "wbinvd", INSN_INVD_WBINVD }, { "wbnoinvd", INSN_INVD_WBINVD }, { "rdpmc", INSN_RDPMC },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(name, known[i].name)) {
			*kind = known[i].kind;
			return true;
		}
	return false;
}

static unsigned int size_of(char suffix)
{
	return suffix == 'b' ? 1 : suffix == 'w' ? 2 : suffix == 'l' ? 4 : suffix == 'q' ? 8 : 0;
}

/* A general register's size, number, and whether it is the second byte of one; 0 if it is none. */
static unsigned int register_of(const char *s, unsigned int *number, bool *high)
{
	static const char *const low[4][8] = {
		{ "al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil" }, { "ax", "cx", "dx", "bx", "sp", "bp", "si", "di" },
		{ "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi" }, { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi" },
	};
	static const char *const second[4] = { "ah", "ch", "dh", "bh" };

	*high = false;
	*number = 0;
	if (*s++ != '%')
		return 0;
	for (unsigned int k = 0; k < 4; k++)
		for (unsigned int i = 0; i < 8; i++)
			if (!strcmp(s, low[k][i])) {
				*number = i;
				return 1u << k;
			}
	for (unsigned int i = 0; i < 4; i++)
		if (!strcmp(s, second[i])) {
			*number = 4 + i;
			*high = true;
			return 1;
		}
	if (s[0] != 'r' || s[1] < '0' || s[1] > '9')
		return 0;
	*number = (unsigned int)strtoul(s + 1, NULL, 10);
	s += strspn(s, "r0123456789");
	return *s == 'b' ? 1 : *s == 'w' ? 2 : *s == 'd' ? 4 : 8;
}

/* Cuts the operands at the comma that is not within an address. */
static char *last_operand(char *text)
{
	unsigned int depth = 0;

	for (; *text; text++) {
		depth += *text == '(';
		depth -= *text == ')';
		if (*text == ',' && !depth) {
			*text = '\0';
			return text + 1;
		}
	}
	return NULL;
}

static bool is_register(const char *s)
{
	return *s == '%' && !strchr(s, ':');	/* %fs:8(%rax) is memory */
}

/* Sizes from the name: movl, movzbl; false for others, as movnti or movups. */
static bool sizes_of(const char *name, struct insn_mov *m)
{
	const char *s = name + 3;

	if (strncmp(name, "mov", 3))
		return false;
	m->size = m->dest_size = size_of(s[0]);
	if (m->size && !s[1])
		return true;
	m->zero_extend = s[0] == 'z';
	m->sign_extend = s[0] == 's';
	if (strlen(s) != 3 || !(m->zero_extend || m->sign_extend))
		return false;
	m->size = size_of(s[1]);
	m->dest_size = size_of(s[2]);
	return m->size && m->dest_size;
}

/* The move that objdump names, if ours should know its kind: a general register or an immediate, and memory. */
static bool move_of(const struct reading *r, struct insn_mov *m)
{
	char text[96], *to;
	unsigned int size;

	*m = (struct insn_mov){ .len = r->len };
	strcpy(text, r->operands);
	to = last_operand(text);
	if (!to || r->len > MAX_INSN || r->lock_or_rep || !sizes_of(r->name, m))
		return false;
	m->write = !is_register(to);
	m->has_imm = text[0] == '$';
	if (m->has_imm) {
		m->imm = strtoull(text + 1, NULL, 0);
		return m->write;
	}
	if (m->write != is_register(text))
		return false;
	size = register_of(m->write ? text : to, &m->reg, &m->high_byte);
	return size == m->dest_size;
}

/* --- the comparison ------------------------------------------------------------------------------------------------ */
static uint64_t low_bytes(uint64_t x, unsigned int size)
{
	return size >= 8 ? x : x & ((1ull << 8 * size) - 1);
}

static bool moves_agree(const struct insn_mov *a, const struct insn_mov *b)
{
	if (a->len != b->len || a->size != b->size || a->dest_size != b->dest_size || a->write != b->write || a->has_imm != b->has_imm ||
	    a->zero_extend != b->zero_extend || a->sign_extend != b->sign_extend)
		return false;
	return a->has_imm ? low_bytes(a->imm, a->size) == low_bytes(b->imm, a->size) : a->reg == b->reg && a->high_byte == b->high_byte;
}

/* MOV between the accumulator and an address in the instruction, strings, MOVSXD: what the emulator of MMIO does not know on purpose. */
static bool left_out(const uint8_t *b)
{
	b = behind_prefixes(b);
	return (*b >= 0xa0 && *b <= 0xa5) || (*b == 0x63 && mode == MODE64);
}

/* VMMCALL, WBINVD and others behind 66, f2, f3: processors ignore the prefix, objdump has no name for it. */
static bool nameless(const uint8_t *b)
{
	b = behind_prefixes(b);
	return b[0] == 0x0f && (b[1] == 0x01 || b[1] == 0x09);
}

static const char *lengths_differ(const uint8_t *b, const struct reading *r)
{
	enum insn_kind want = INSN_HLT;
	bool bad = !strcmp(r->name, "(bad)"), one_of_ours = kind_of(r->name, &want) && r->len <= MAX_INSN;

	for (unsigned int kind = INSN_CPUID; kind <= INSN_RDPMC; kind++) {
		unsigned int len = insn_length(b, MAX_INSN, kind, mode == MODE64);

		accepted += len != 0;
		for (unsigned int cut = 0; cut < len; cut++)
			if (insn_length(b, cut, kind, mode == MODE64))
				return "a length for an instruction cut off";
		if (bad && len && nameless(b))
			unknown++;
		else if (len != (one_of_ours && kind == want ? r->len : 0))
			return "length";
	}
	return NULL;
}

static const char *moves_differ(const uint8_t *b, const struct reading *r)
{
	struct insn_mov ours, theirs;
	bool is_move = move_of(r, &theirs);

	if (insn_decode_mov(b, MAX_INSN, mode == MODE64, mode == MODE32, &ours))
		return is_move && !left_out(b) ? "ours does not know this move" : NULL;
	accepted++;
	if (!is_move || !moves_agree(&ours, &theirs))
		return "move";
	for (unsigned int cut = 0; cut < ours.len; cut++)
		if (!insn_decode_mov(b, cut, mode == MODE64, mode == MODE32, &theirs))
			return "a move that is cut off";
	return NULL;
}

static unsigned int idle_rex(const uint8_t *b)
{
	const uint8_t *opcode = behind_prefixes(b);
	unsigned int n = 0;

	for (; b + 1 < opcode; b++)
		n += is_rex(*b);
	return n;
}

static void compare_one(const uint8_t *b, const struct reading *r)
{
	const char *why = lengths_differ(b, r);

	why = why ? why : moves_differ(b, r);
	compared++;
	if (!why)
		return;
	for (unsigned int i = 0; i < SLOT; i++)
		print_error("%02x ", b[i]);
	fail_msg("%s: %s; objdump: %s %s, %u bytes", machine[mode], why, r->name, r->operands, r->len);
}

/* The instruction at the start of each slot; what fills the slot is passed over. */
static void compare(FILE *dump)
{
	uint64_t at;
	char text[256];
	bool more = line_next(dump, &at, text);

	for (uint64_t slot = 0; slot < written; slot++) {
		struct reading r = { 0 };
		uint8_t b[SLOT];
		bool named = false;

		assert_int_equal(fread(b, SLOT, 1, originals), 1);
		while (more && at < slot * SLOT)
			more = line_next(dump, &at, text);
		if (!more || at != slot * SLOT)
			fail_msg("objdump has no line for slot %lu", (unsigned long)slot);
		for (; more && !named; more = line_next(dump, &at, text))
			named = words_take(text, &r);
		r.len = (more ? (unsigned int)(at - slot * SLOT) : SLOT) + idle_rex(b);
		compare_one(b, &r);
	}
}

static void run(enum mode m)
{
	char command[160], path[] = "/tmp/insn-objdump.XXXXXX";
	FILE *dump;

	mode = m;
	originals = tmpfile();
	assert_non_null(originals);
	slots = fdopen(mkstemp(path), "w+");
	assert_non_null(slots);
	written = compared = accepted = unknown = 0;
	try_prefixes();
	try_moves();
	try_opcodes();
	fflush(slots);
	rewind(originals);
	snprintf(command, sizeof(command), "LC_ALL=C objdump -b binary -m %s -M suffix -D -z --no-show-raw-insn %s", machine[mode], path);
	dump = popen(command, "r");
	assert_non_null(dump);
	compare(dump);
	pclose(dump);
	fclose(slots);
	fclose(originals);
	unlink(path);
	print_message("%s: %lu compared, %lu of them ours, %lu that objdump has no name for\n", machine[mode], (unsigned long)compared,
		      (unsigned long)accepted, (unsigned long)unknown);
	assert_int_equal(compared, written);
	assert_true(accepted > written / 4);
}

static void test_code64(void **state)
{
	(void)state;
	run(MODE64);
}

static void test_code32(void **state)
{
	(void)state;
	run(MODE32);
}

static void test_code16(void **state)
{
	(void)state;
	run(MODE16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_code64),
		cmocka_unit_test(test_code32),
		cmocka_unit_test(test_code16),
	};

	return cmocka_run_group_tests_name("insn_objdump", tests, NULL, NULL);
}
