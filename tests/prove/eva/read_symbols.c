/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for xsm/flask/read_symbols.c: each table by itself, of 0 to 3 values and as many names; booleans after a policy that has as many. */
#include "reader.c"

#define MOST 3u

static struct reader reader;
static struct policy policy, before;

static void names_whole(const struct symtab *t)
{
	for (uint32_t i = 0; i < t->nprim; i++)
		look(t->name_of[i] ? 1 : 0);
}

/* A set that was read, or is as the arena gave it. */
static void set_whole(const struct bitset *b)
{
	look(b->nr);
	if (b->word)
		look(b->word->start);
}

/* Whatever was before, and however it ended, is forgotten: Eva goes on from one state. */
static void any_start(void)
{
	static const struct policy nothing;

	forget_pieces();
	reader_any(&reader);
	policy = nothing;
	before = nothing;
}

static void roles(void)
{
	any_start();
	policy_read_roles(&reader, &policy);
	if (reader.failed)
		return;
	names_whole(&policy.roles);
	for (uint32_t i = 0; i < policy.roles.nprim; i++) {
		set_whole(&policy.role[i].dominates);
		set_whole(&policy.role[i].types);
	}
}

static void types(void)
{
	any_start();
	policy_read_types(&reader, &policy);
	if (reader.failed)
		return;
	names_whole(&policy.types);
	for (uint32_t i = 0; i < policy.types.nprim; i++)
		look(policy.type[i].attribute + policy.type[i].bounds);
}

static void users(void)
{
	any_start();
	policy_read_users(&reader, &policy);
	if (reader.failed)
		return;
	names_whole(&policy.users);
	for (uint32_t i = 0; i < policy.users.nprim; i++) {
		set_whole(&policy.user[i].roles);
		set_whole(&policy.user[i].range[LOW].cats);
		set_whole(&policy.user[i].range[HIGH].cats);
	}
}

static void levels(void)
{
	any_start();
	policy_read_levels(&reader, &policy);
	if (reader.failed)
		return;
	names_whole(&policy.levels);
	for (uint32_t i = 0; i < policy.levels.nprim; i++)
		set_whole(&policy.sens_cats[i]);
}

static void cats(void)
{
	any_start();
	policy_read_cats(&reader, &policy);
	if (!reader.failed)
		names_whole(&policy.cats);
}

/* With so many booleans before. */
static void bools(uint32_t nr)
{
	any_start();
	symtab_create(&reader, &before.bools, nr, nr);
	before.booleans = reader_array(&reader, nr, sizeof(*before.booleans));
	if (reader.failed)
		return;
	before.bools.nr = nr;
	for (uint32_t i = 0; i < nr; i++)
		before.booleans[i] = (struct policy_bool){ any_bool, any_bool, any_bool };
	policy.before = any_bool ? &before : NULL;
	policy.commit = any_u32;
	policy_read_bools(&reader, &policy);
	if (!reader.failed)
		names_whole(&policy.bools);
}

/* Tables of so many values and names. */
static void read_all(uint32_t values, uint32_t names)
{
	least_values = most_values = values;
	least = most = names;
	any_start();
	roles();
	types();
	users();
	levels();
	cats();
	for (uint32_t i = 0; i <= MOST; i++)
		bools(i);
}

void eva_main(void)
{
	for (uint32_t values = 0; values <= MOST; values++)
		for (uint32_t names = 0; names <= MOST; names++)
			read_all(values, names);
}
