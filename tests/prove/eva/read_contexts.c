/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for xsm/flask/read_contexts.c: of each kind of hardware, of initial SIDs and device trees, 0 to 2 labels, before and from version 30 on. */
#include "reader.c"

#define MOST 2u

static struct reader reader;
static struct policy policy;

void policy_read_range(struct reader *r, struct level range[2])
{
	for (unsigned int i = LOW; i <= HIGH; i++) {
		range[i].sens = read_u32(r);
		bitset_read(r, &range[i].cats, POLICY_MAX_CATEGORIES);
	}
}

/* Of a label, all that there is has a value. */
bool policy_context_valid(const struct policy *p, const struct context *c)
{
	look((uint64_t)p->version + c->user + c->role + c->type);
	for (unsigned int i = LOW; i <= HIGH; i++)
		look((uint64_t)c->level[i].sens + c->level[i].cats.nr);
	return any_bool;
}

static void labels_whole(const struct object_list *list)
{
	for (uint32_t i = 0; i < list->nr; i++) {
		look(list->label[i].low + list->label[i].high);
		look(policy_context_valid(&policy, &list->label[i].context));
	}
}

static void any_start(uint32_t version)
{
	forget_pieces();
	reader_any(&reader);
	policy = (struct policy){ .version = version };
}

static void read_all(uint32_t version, uint32_t nr)
{
	least = most = nr;
	any_start(version);
	policy_read_object_contexts(&reader, &policy);
	if (reader.failed)
		return;
	for (unsigned int i = 0; i < FLASK_OBJECT_KINDS; i++)
		labels_whole(&policy.object[i]);
	for (unsigned int i = 0; i <= FLASK_INITIAL_SIDS; i++)
		if (policy.initial[i])
			look(policy_context_valid(&policy, policy.initial[i]));
}

void eva_main(void)
{
	any_start(any_u32);
	policy_read_genfs(&reader, &policy);
	for (uint32_t nr = 0; nr <= MOST; nr++) {
		read_all(29, nr);
		read_all(30, nr);
	}
}
