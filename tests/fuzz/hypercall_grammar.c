/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls made from operations.def itself: a row says the numbers and the structure, the compiler's layout of that structure (grammar.awk) its fields and
 * what they mean. A domain number is a domain's, a port one that was given out, an array lies in a page of its own: nothing overlaps, so that a
 * byte read twice is the hypervisor's doing. The input decides which of all that to break.
 * Locking: none, one CPU acts. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include "../../hypervisor/hypercall/op_types.h"
#include "../../hypervisor/hypercall/ops.h"
#include "fetch.h"
#include "hypercall_world.h"

#define FIELDS_MAX 48u
#define BLOCK_MAX 1024u

enum meaning { FIELD_WORD, FIELD_COUNT, FIELD_DOMID, FIELD_PORT, FIELD_REF, FIELD_HANDLE, FIELD_ADDRESS, FIELD_GFN, FIELD_SID, FIELD_VCPU, FIELD_POINTER };

static const struct field {
	const char *type, *member;	/* "struct xen_domctl", "createdomain" */
	uint16_t offset;
	uint8_t size;
	enum meaning meaning;
} fields[] = {
#include "grammar.inc"
};

/* In the order of op_rows[]. */
static const char *const row_types[] = {
#define LEAF(hc, op, n, sub, type, target, at, c, p, denied, flags)	#type,
#define NEST(hc, op, n, at)						"",
#define LEAF_REFUSED(hc, op, n, sub, status)				"",
#include "../../hypervisor/hypercall/operations.def"
};

/* Rows whose argument is an array that the handler fetches. */
static const struct {
	const char *row, *type;
} arrays[] = {
	{ "grant_table.map_grant_ref", "struct gnttab_map_grant_ref" }, { "grant_table.unmap_grant_ref", "struct gnttab_unmap_grant_ref" },
	{ "grant_table.copy", "struct gnttab_copy" },
};

/* Members of the union that are not called as their operations are. */
static const struct {
	const char *operation, *member;
} members[] = {
	{ "context_to_sid", "sid_context" }, { "sid_to_context", "sid_context" }, { "create", "transition" }, { "relabel", "transition" },
	{ "member", "transition" }, { "getbool", "boolean" }, { "setbool", "boolean" }, { "add_ocontext", "ocontext" }, { "del_ocontext", "ocontext" },
	{ "avc_hashstats", "hash_stats" }, { "avc_cachestats", "cache_stats" }, { "settscinfo", "tsc_info" }, { "gettscinfo", "tsc_info" },
	{ "setvcpuaffinity", "vcpuaffinity" }, { "getvcpuaffinity", "vcpuaffinity" }, { "relabel_domain", "relabel" }, { "shype_may", "shype_may" },
	{ "get_paging_mempool_size", "paging_mempool" }, { "set_paging_mempool_size", "paging_mempool" }, { "get_cpuinfo", "pcpu_info" },
};

struct shape {
	const struct op_row *row;
	const struct op_hypercall *hypercall;
	uint16_t size;			/* of the structure; 0: there is none */
	bool is_array;
	unsigned int nr;
	const struct field *field[FIELDS_MAX];
};

static struct shape *shapes;
static unsigned int shapes_nr;
static bool overlaps;	/* this call's arguments may: reading a byte twice says nothing then */

/* --- from the table to shapes, once --------------------------------------------------------------------------------------------------------- */

static bool has_member(const char *type, const char *member)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (strcmp(fields[i].type, type) == 0 && strcmp(fields[i].member, member) == 0)
			return true;
	return false;
}

/* "" if the operation has no part of its own in the union. */
static const char *member_of(const char *type, const char *operation)
{
	const char *best = "";

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strcmp(members[i].operation, operation) == 0 && has_member(type, members[i].member))
			return members[i].member;
	for (unsigned int skip = 0; skip < 5; skip += skip ? 1 : 3)	/* "getnodeaffinity", "get_cpu_policy" */
		if (strlen(operation) > skip && (!skip || strstr(operation, "et") == operation + 1) && has_member(type, operation + skip))
			return operation + skip;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {		/* "scheduler_op_putinfo" */
		const char *m = fields[i].member;

		if (strcmp(fields[i].type, type) == 0 && strlen(m) > strlen(best) && strncmp(m, operation, strlen(m)) == 0)
			best = m;
	}
	return best;
}

static void shape_fields(struct shape *s, const char *type)
{
	const char *member = member_of(type, strchr(s->row->operation.name, '.') + 1);
	bool head = s->hypercall->sub == SUB_HEAD;

	for (size_t i = 0; i < ARRAY_SIZE(fields) && s->nr < FIELDS_MAX; i++) {
		const struct field *f = &fields[i];

		if (strcmp(f->type, type) != 0 || (head && f->offset < 8) || (head && *f->member && strcmp(f->member, member) != 0))
			continue;
		s->field[s->nr++] = f;
		if (f->offset + f->size > s->size)
			s->size = (uint16_t)(f->offset + f->size);
	}
	s->size = (uint16_t)((s->size + 7) & ~7u);
}

static void shape_make(struct shape *s, const struct op_row *row)
{
	const char *type = row_types[op_index(row)];

	s->row = row;
	s->hypercall = op_hypercall_find(row->hypercall);
	s->size = row->arg_size;
	for (size_t i = 0; i < ARRAY_SIZE(arrays); i++)
		if (strcmp(arrays[i].row, row->operation.name) == 0) {
			s->is_array = true;
			type = arrays[i].type;
		}
	shape_fields(s, type);
}

static void shapes_make(void)
{
	shapes = calloc(op_row_count, sizeof(*shapes));
	if (!shapes)
		abort();
	for (unsigned int i = 0; i < op_row_count; i++)
		if (!(op_rows[i].flags & (ROW_NEST | ROW_REFUSED)))
			shape_make(&shapes[shapes_nr++], &op_rows[i]);
}

/* --- a field's value ------------------------------------------------------------------------------------------------------------------------- */

static uint64_t value_domid(uint8_t b)
{
	switch (b % 8) {
	case 4:
		return known_take(KNOWN_DOMID);
	case 5:
		return DOMID_SELF;
	case 6:
		return DOMID_FIRST_RESERVED + take(1) % 16;
	case 7:
		return take(1) % 16;
	default:
		return domain[b % 8]->id;
	}
}

static uint64_t value_gfn(uint8_t b)
{
	static const uint64_t odd[] = { SHARED_GFN, GRANT_GFN, 0xfee00, 0, PAGES, 0xfffffffff, ~0ull, 512 };

	if (b % 8 < 5)
		return FIRST_GFN + take(1) % (PAGES - FIRST_GFN);
	return b % 8 < 7 ? MAP_GFN + take(1) % 16 : odd[take(1) % 8];
}

static uint64_t value_sid(uint8_t b)
{
	if (b % 4 == 0)
		return known_take(KNOWN_SID);
	return b % 4 == 1 ? take(1) % 64 : domain[b / 4 % DOMAINS]->label.sid;
}

static uint64_t value_of(const struct field *f, uint8_t b)
{
	switch (f->meaning) {
	case FIELD_DOMID:
		return value_domid(b);
	case FIELD_PORT:
		return b % 4 ? known_take(KNOWN_PORT) : take(1) % 16;
	case FIELD_REF:
		return b % 16;
	case FIELD_HANDLE:
		return b % 4 ? known_take(KNOWN_HANDLE) : b % 16;
	case FIELD_ADDRESS:
		return b % 4 ? (MAP_GFN + b % 16) << PAGE_SHIFT : value_gfn(b) << PAGE_SHIFT;
	case FIELD_GFN:
		return value_gfn(b);
	case FIELD_SID:
		return value_sid(b);
	case FIELD_VCPU:
		return b % 3;
	case FIELD_COUNT:
		overlaps |= b % 16 == 0;
		return b % 16 ? b % 20 : take(2);
	case FIELD_POINTER:
	case FIELD_WORD:
		break;
	}
	overlaps |= b % 8 == 0;
	return b % 8 ? b % 32 : take(f->size);
}

/* What a pointer leads to: nothing in particular, a list of pages, small numbers, or text. */
static void pointee_write(struct domain *d, gpa_t at, uint8_t b)
{
	static const char *const texts[] = { "system_u:system_r:guest_t:s0:c1", "system_u:system_r:dom0_t:s0-s0:c0.c1023", "system_u:object_r:irq_t:s0", "b0" };
	const char *text = texts[take(1) % ARRAY_SIZE(texts)];
	uint64_t words[16] = { 0 };
	unsigned int n = (unsigned int)take(1) % 17;

	if (b % 4 == 3) {
		write_block(d, at, text, strlen(text) + 1);
		return;
	}
	for (unsigned int i = 0; i < n; i++)
		words[i] = b % 4 == 1 ? value_gfn((uint8_t)take(1)) : take(1);
	write_block(d, at, words, n * sizeof(words[0]));
}

/* Two pages of its own for each pointer. */
static uint64_t value_pointer(struct domain *d, uint8_t b, unsigned int *pointees)
{
	gpa_t at = (POINTEES + 2 * ((*pointees)++ % ((FIRST_GFN - POINTEES) / 2))) * PAGE_SIZE;

	if (b % 16 == 15)
		return b & 16 ? 0 : ~0ull - take(1);
	if (b & 16)
		at += (b & 32) ? PAGE_SIZE - 24 : (b >> 2 & 8);
	if (b % 4)
		pointee_write(d, at, b);
	return at;
}

static void fields_fill(struct domain *d, const struct shape *s, uint8_t *block, unsigned int *pointees)
{
	for (unsigned int i = 0; i < s->nr; i++) {
		const struct field *f = s->field[i];
		uint8_t b = (uint8_t)take(1);
		uint64_t v;

		if (b == 0xff) {
			v = take(8);
			overlaps = true;
		} else if (b >= 0xe0) {
			continue;		/* zero, or what a field at the same place says */
		} else if (f->meaning == FIELD_POINTER) {
			v = value_pointer(d, b, pointees);
		} else {
			v = value_of(f, b);
		}
		memcpy(block + f->offset, &v, f->size);
	}
}

/* --- a call ------------------------------------------------------------------------------------------------------------------------------------ */

static void head_numbers(const struct op_row *row, uint32_t version, uint8_t *block)
{
	memcpy(block, &row->sub, 4);
	memcpy(block + 4, &version, 4);
	for (unsigned int i = 0; row->nested != OP_ALL && i < op_row_count; i++)
		if ((op_rows[i].flags & ROW_NEST) && op_rows[i].hypercall == row->hypercall && op_rows[i].sub == row->sub)
			memcpy(block + op_rows[i].nested, &row->nested, 4);
}

static void learn(const struct shape *s, const uint8_t *block)
{
	for (unsigned int i = 0; i < s->nr; i++) {
		uint32_t v = 0;

		memcpy(&v, block + s->field[i]->offset, s->field[i]->size < 4 ? s->field[i]->size : 4);
		if (s->field[i]->meaning == FIELD_PORT && v)
			known_add(KNOWN_PORT, v);
		else if (s->field[i]->meaning == FIELD_HANDLE)
			known_add(KNOWN_HANDLE, v);
		else if (s->field[i]->meaning == FIELD_SID)
			known_add(KNOWN_SID, v);
		else if (s->field[i]->meaning == FIELD_DOMID && v < DOMID_FIRST_RESERVED)
			known_add(KNOWN_DOMID, v);
	}
}

static void arguments_make(struct domain *d, const struct shape *s, uint64_t arg[5], unsigned int *pointees)
{
	for (unsigned int i = 0; i < 5; i++) {
		uint8_t b = (uint8_t)take(1);

		if (b % 4 == 1)
			arg[i] = value_pointer(d, b, pointees);
		else
			arg[i] = b % 4 ? b / 4 % 8 : value_of(&(struct field){ .size = 8 }, b);
	}
	if (s->hypercall->sub == SUB_REG || s->hypercall->sub == SUB_REG_MASKED)
		arg[0] = s->row->sub;
	if (s->row->arg_size)
		arg[s->hypercall->arg_reg] = BLOCK;
}

void step_operation(struct domain *d)
{
	uint8_t block[BLOCK_MAX] = { 0 };
	unsigned int pointees = 0, n = 1;
	const struct shape *s;
	uint64_t arg[5];
	int64_t rc;

	if (!shapes)
		shapes_make();
	s = &shapes[take(1) % shapes_nr];
	overlaps = s->row->hypercall == __HYPERVISOR_multicall;
	if (overlaps)
		return;			/* its entries overlap what they name: step_multicall() */
	arguments_make(d, s, arg, &pointees);
	if (s->is_array) {
		arg[1] = BLOCK;
		arg[2] = n = 1 + (unsigned int)take(1) % 4;
	}
	for (unsigned int i = 0; i < n; i++)
		fields_fill(d, s, block + i * s->size, &pointees);
	if (s->hypercall->sub == SUB_HEAD)
		head_numbers(s->row, s->hypercall->version, block);
	write_block(d, BLOCK, block, n * s->size);
	fetch_trust(overlaps);
	if (take(1) % 8 == 7) {
		call_by_registers(d, s->row->hypercall, arg, take(1) & 1);
		rc = -XEN_EINVAL;	/* whatever it was */
	} else {
		rc = call(d, s->row->hypercall, arg);
	}
	fetch_trust(false);
	if (rc >= 0 && hosted_try_read(d, BLOCK, block, n * s->size) == 0)
		for (unsigned int i = 0; i < n; i++)
			learn(s, block + i * s->size);
}
