/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of hardware: the policy file's own, and those that were added since. Of a thing in both, the added one counts.
 * Locking: objects_lock for the table, a leaf; the SID table's comes before it. Trust: kinds, numbers and SIDs are hostile.
 */
#include <hv/console.h>
#include <hv/lock.h>
#include <hv/options.h>

#include "engine.h"
#include "sidtab.h"

#define ADDED_MAX 256u

static struct spinlock objects_lock;
static struct flask_object added[ADDED_MAX];	/* kind 0: free */

void objects_init(void)
{
	spin_lock_init(&objects_lock);
	for (uint32_t i = 0; i < ADDED_MAX; i++)
		added[i].kind = 0;
}

static bool object_valid(const struct flask_object *o)
{
	static const uint64_t limit[] = { [FLASK_PIRQ] = UINT16_MAX, [FLASK_IOPORT] = UINT16_MAX, [FLASK_IOMEM] = UINT64_MAX, [FLASK_DEVICE] = UINT32_MAX };
	bool single = o->kind == FLASK_PIRQ || o->kind == FLASK_DEVICE;

	return o->kind >= FLASK_PIRQ && o->kind <= FLASK_DEVICE && o->low <= o->high && o->high <= limit[o->kind] &&
	       (!single || o->low == o->high);
}

static bool overlaps(const struct flask_object *a, uint64_t low, uint64_t high)
{
	return a->low <= high && low <= a->high;
}

/* objects_lock is held. */
static struct flask_object *added_find(const struct flask_object *o)
{
	for (uint32_t i = 0; i < ADDED_MAX; i++)
		if (added[i].kind == o->kind && overlaps(o, added[i].low, added[i].high))
			return &added[i];
	return NULL;
}

static const struct object_label *policys_find(const struct policy *p, const struct flask_object *o)
{
	const struct object_list *list = &p->object[o->kind - 1];

	for (uint32_t i = 0; i < list->nr; i++)
		if (overlaps(o, list->label[i].low, list->label[i].high))
			return &list->label[i];
	return NULL;
}

static int add_locked(const struct flask_object *o)
{
	const struct flask_object *old = added_find(o);

	if (old)
		return old->low == o->low && old->high == o->high && old->sid == o->sid ? 0 : -XEN_EEXIST;
	for (uint32_t i = 0; i < ADDED_MAX; i++) {
		if (added[i].kind == 0) {
			added[i] = *o;
			return 0;
		}
	}
	return -XEN_ENOMEM;
}

int flask_object_add(const struct flask_object *o)
{
	const struct policy *p = policy_in_force();
	int rc;

	if (options.flask_locked)
		return -XEN_EPERM;
	if (!p || !object_valid(o) || !flask_sid_valid(o->sid) || sid_normal(p, o->sid) != o->sid)
		return -XEN_EINVAL;
	if (policys_find(p, o))
		return -XEN_EEXIST;
	spin_lock(&objects_lock);
	rc = add_locked(o);
	spin_unlock(&objects_lock);
	return rc;
}

int flask_object_remove(const struct flask_object *o)
{
	const struct policy *p = policy_in_force();
	struct flask_object *old;
	int rc = -XEN_ENOENT;

	if (!p || !object_valid(o))
		return -XEN_EINVAL;
	if (options.flask_locked)
		return -XEN_EPERM;
	spin_lock(&objects_lock);
	old = added_find(o);
	if (old && old->low == o->low && old->high == o->high) {
		old->kind = 0;
		rc = 0;
	}
	spin_unlock(&objects_lock);
	return rc && policys_find(p, o) ? -XEN_EPERM : rc;
}

bool flask_object_drop(struct flask_object *o)
{
	const struct policy *p = policy_in_force();
	bool found = false;

	spin_lock(&objects_lock);
	for (uint32_t i = 0; p && i < ADDED_MAX && !found; i++) {
		if (added[i].kind && sid_normal(p, added[i].sid) != added[i].sid) {
			*o = added[i];
			added[i].kind = 0;
			found = true;
		}
	}
	spin_unlock(&objects_lock);
	return found;
}

/* The SID table's lock is held: `p` is in force. *o becomes what its label is of. */
static int label_locked(struct policy *p, struct flask_object *o)
{
	const struct object_label *label = policys_find(p, o);
	const struct flask_object *by_hand;
	bool found;

	spin_lock(&objects_lock);
	by_hand = added_find(o);
	found = by_hand != NULL;
	if (found)
		*o = *by_hand;
	spin_unlock(&objects_lock);
	if (found)
		return 0;
	if (!label) {
		*o = (struct flask_object){ .sid = o->sid, .high = UINT64_MAX };
		return 0;
	}
	o->low = label->low;
	o->high = label->high;
	return sidtab_intern(p, &label->context, &o->sid);
}

int flask_object_sid(uint32_t kind, uint64_t low, uint64_t high, sid_t *sid)
{
	static const unsigned int initial[] = { [FLASK_PIRQ] = 10, [FLASK_IOPORT] = 8, [FLASK_IOMEM] = 9, [FLASK_DEVICE] = 11 };
	struct flask_object o = { .kind = kind, .low = low, .high = high };
	struct policy *p;
	int rc = -XEN_EINVAL;

	if (!object_valid(&o))
		return -XEN_EINVAL;
	o.sid = flask_initial_sid(initial[kind]);
	sidtab_lock();
	p = policy_in_force();
	if (p)
		rc = label_locked(p, &o);
	sidtab_unlock();
	*sid = o.sid;
	return rc == 0 && (low < o.low || high > o.high) ? -XEN_EINVAL : rc;
}
