/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav shype: the verbs about labels of resources, and the question of the hotplug scripts.
 * Locking: a change holds the store's lock from reading to writing. Trust: see shype_store.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "options.h"
#include "shype.h"
#include "shype_live.h"
#include "shype_store.h"
#include "xen.h"

/* What all these verbs are told. */
struct words {
	const char *store, *bridge, *disk, *id, *policy, *domain, *claim;
	bool json, read_only;
	int fd;			/* of the disk */
};

static int words_read(struct words *w, int *argc, char ***argv, int min, int max)
{
	const struct option_spec specs[] = {
		{ "store", 0, OPTION_TEXT, &w->store }, { "bridge", 0, OPTION_TEXT, &w->bridge }, { "disk", 0, OPTION_TEXT, &w->disk },
		{ "id", 0, OPTION_TEXT, &w->id }, { "policy", 'p', OPTION_TEXT, &w->policy }, { "domain", 0, OPTION_TEXT, &w->domain },
		{ "claim", 0, OPTION_TEXT, &w->claim }, { "read-only", 0, OPTION_FLAG, &w->read_only }, { "json", 0, OPTION_FLAG, &w->json }, { NULL } };
	const char *given = getenv("RAV_SHYPE_STORE");

	*w = (struct words){ .store = given && *given ? given : STORE_DEFAULT, .fd = -1 };
	return options_read(argc, argv, specs, min, max);
}

/* Exactly one thing is named, and nothing that this verb does not know. */
static int words_check(const struct words *w, bool id, bool label, bool attach)
{
	int things = (w->bridge != NULL) + (w->disk != NULL) + (w->id != NULL);

	if (w->id && !id)
		return rav_misuse("no option '--id'");
	if (w->policy && !label)
		return rav_misuse("no option '--policy'");
	if ((w->domain || w->claim) && !attach)
		return rav_misuse("no option '--domain' or '--claim'");
	if (things != 1)
		return rav_misuse("which resource? one of --bridge, --disk%s", id ? ", --id" : "");
	if (w->read_only && !w->disk)
		return rav_misuse("--read-only is for a disk");
	return RAV_OK;
}

static int disk_open(struct words *w)
{
	if (!w->disk)
		return RAV_OK;
	w->fd = open(w->disk, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return w->fd >= 0 ? RAV_OK : rav_fail("name the device or the file", "%s: %s", w->disk, strerror(errno));
}

static void words_close(struct words *w)
{
	if (w->fd >= 0)
		close(w->fd);
}

static const char *thing(const struct words *w)
{
	return w->bridge ? w->bridge : w->disk ? w->disk : w->id;
}

/* A store that is not there has no labels. */
static int store_get(const struct words *w, struct store *s)
{
	char why[WHY];
	int rc = store_load(w->store, s, why);

	return rc == 0 || rc == -ENOENT ? RAV_OK : rav_fail("`rav shype setlabel` writes it; --store names another", "%s", why);
}

/* --- what is said ------------------------------------------------------------------------------------------------------------------ */

static struct json_object *resource_json(const struct resource *r)
{
	struct json_object *o = json_object_new_object();

	rav_json_add_text(o, "kind", resource_kinds[r->kind]);
	rav_json_add_text(o, "id", r->id);
	rav_json_add_text(o, "policy", *r->policy ? r->policy : NULL);
	rav_json_add_text(o, "label", *r->label ? r->label : NULL);
	rav_json_add_text(o, "seen", *r->seen && strcmp(r->seen, "-") != 0 ? r->seen : NULL);
	return o;
}

static void resource_say(const struct resource *r, bool json)
{
	char text[RESOURCE_TEXT];

	if (json) {
		rav_json_print(resource_json(r));
		return;
	}
	resource_text(r, text);
	printf("%s: label %s of policy %s%s%s\n", text, r->label, r->policy, strcmp(r->seen, "-") == 0 ? "" : ", seen as ",
	       strcmp(r->seen, "-") == 0 ? "" : r->seen);
}

int shype_resources(int argc, char **argv)
{
	struct json_object *list = json_object_new_array();
	struct store s = { 0 };
	struct words w;
	int rc = words_read(&w, &argc, &argv, 0, 0);

	if (rc == RAV_OK && (w.bridge || w.disk || w.id || w.policy || w.domain || w.claim || w.read_only))
		rc = rav_misuse("resources names them all");
	if (rc == RAV_OK)
		rc = store_get(&w, &s);
	for (size_t i = 0; rc == RAV_OK && i < s.nr; i++) {
		if (w.json)
			json_object_array_add(list, resource_json(&s.list[i]));
		else
			resource_say(&s.list[i], false);
	}
	if (rc == RAV_OK && w.json)
		rav_json_print(json_object_get(list));
	json_object_put(list);
	store_free(&s);
	return rc;
}

/* --- getlabel, rmlabel --------------------------------------------------------------------------------------------------------------- */

/* The labelled resource that the words mean. RAV_NO: it has no label; said. */
static int resource_get(struct words *w, const struct store *s, struct resource *r)
{
	char why[WHY] = "no such identifier has a label";
	int rc;

	if (w->id) {
		const struct resource *found = resource_parse(w->id, r) ? store_find(s, r->kind, r->id) : NULL;

		if (found)
			*r = *found;
		rc = found ? 0 : -ENOENT;
	} else {
		rc = disk_open(w);
		if (rc != RAV_OK)
			return rc;
		rc = resource_find(s, w->bridge, w->fd, w->disk, w->read_only, r, why);
	}
	if (rc == 0)
		return RAV_OK;
	rav_fail("`rav shype resources` shows what has", "%s: %s", thing(w), why);
	return rc == -ENOENT || rc == -ENODATA ? RAV_NO : RAV_FAILED;
}

int shype_getlabel(int argc, char **argv)
{
	struct store s = { 0 };
	struct resource r;
	struct words w;
	int rc = words_read(&w, &argc, &argv, 0, 0);

	if (rc == RAV_OK)
		rc = words_check(&w, true, false, false);
	if (rc == RAV_OK)
		rc = store_get(&w, &s);
	if (rc == RAV_OK)
		rc = resource_get(&w, &s, &r);
	if (rc == RAV_OK)
		resource_say(&r, w.json);
	store_free(&s);
	words_close(&w);
	return rc;
}

/* RAV_OK with the lock in *fd. */
static int lock_get(const struct words *w, int *fd)
{
	char why[WHY];

	*fd = store_lock(w->store, why);
	return *fd >= 0 ? RAV_OK : rav_fail("run it as root; --store names another file", "%s", why);
}

static int store_put_back(const struct words *w, const struct store *s)
{
	char why[WHY];

	return store_save(w->store, s, why) == 0 ? RAV_OK : rav_fail(NULL, "%s", why);
}

static int label_remove(struct words *w)
{
	struct store s = { 0 };
	struct resource r;
	int rc = store_get(w, &s);

	if (rc == RAV_OK)
		rc = resource_get(w, &s, &r);
	if (rc == RAV_OK) {
		store_remove(&s, r.kind, r.id);
		rc = store_put_back(w, &s);
	}
	if (rc == RAV_OK)
		resource_say(&r, w->json);
	store_free(&s);
	return rc;
}

int shype_rmlabel(int argc, char **argv)
{
	struct words w;
	int lock = -1, rc = words_read(&w, &argc, &argv, 0, 0);

	if (rc == RAV_OK)
		rc = words_check(&w, true, false, false);
	if (rc == RAV_OK)
		rc = lock_get(&w, &lock);
	if (rc == RAV_OK)
		rc = label_remove(&w);
	if (lock >= 0)
		close(lock);
	words_close(&w);
	return rc;
}

/* --- setlabel ---------------------------------------------------------------------------------------------------------------------------- */

/* The label is a resource's or a machine's in this policy; its name. */
static int policy_of_file(const char *path, const char *label, char policy[SHYPE_NAME])
{
	struct shype_file f;
	int rc = shype_open(path, &f);

	if (rc != RAV_OK)
		return rc;
	if (strchr(label, ':') || shype_label_find(&f, label) < 0)
		rc = rav_fail("`rav shype labels POLICY` shows them", "%s: policy %s has no such label", label, f.header->name);
	else
		snprintf(policy, SHYPE_NAME, "%s", f.header->name);
	shype_close(&f);
	return rc;
}

static int policy_in_force(const char *label, char policy[SHYPE_NAME])
{
	struct shype_live l = { 0 };
	int rc = shype_live_open(&l, 0);

	if (rc == RAV_OK && shype_live_call(&l, RAVELIN_SHYPE_STATE) != 0)
		rc = xen_fail("setlabel", "shype:query");
	else if (rc == RAV_OK && !l.op->u.shype_state.loaded)
		rc = rav_fail("rav shype load FILE, or name the policy with -p FILE", "no sHype policy is in force");
	if (rc == RAV_OK) {
		snprintf(policy, SHYPE_NAME, "%.*s", SHYPE_NAME - 1, l.op->u.shype_state.name);
		memset(l.op, 0, sizeof(*l.op));
		for (unsigned int i = 0; i < 2; i++)
			snprintf(l.op->u.shype_ask.label[i], RAVELIN_SHYPE_NAME, "%s", label);
		if (shype_live_call(&l, RAVELIN_SHYPE_ASK) != 0)
			rc = errno == EINVAL ? rav_fail("`rav shype labels FILE` shows them", "%s: the policy in force has no such label", label) :
					       xen_fail("setlabel", "shype:query");
	}
	shype_live_close(&l);
	return rc;
}

/* By its identifier or by its content, but not by both: one could say something else than the other. */
static int resource_identify(struct words *w, const struct store *s, struct resource *r)
{
	struct resource disk = { 0 };
	char why[WHY];
	int rc;

	if (w->bridge)
		rc = identity_of_bridge(w->bridge, r, why);
	else if (!w->read_only)
		rc = identity_of_disk(w->fd, true, r, why);
	else if (identity_of_disk(w->fd, false, &disk, why) == 0 && store_find(s, disk.kind, disk.id))
		return rav_fail("rav shype rmlabel first", "%s: it has a label already, as a disk that is written to", w->disk);
	else
		rc = identity_of_image(w->fd, w->disk, r, why);
	return rc == 0 ? RAV_OK : rav_fail(w->disk && !w->read_only ? "as an image that is only read it can be known by its content: --read-only" : NULL,
					   "%s: %s", thing(w), why);
}

static void place_note(const struct words *w, struct resource *r)
{
	char *full = w->disk ? realpath(w->disk, NULL) : NULL;

	if (!full || !resource_escape(full, r->seen, sizeof(r->seen)))
		strcpy(r->seen, "-");
	free(full);
}

static int label_put(struct words *w, const struct resource *template)
{
	struct resource r = *template;
	struct store s = { 0 };
	int rc = store_get(w, &s);

	if (rc == RAV_OK)
		rc = resource_identify(w, &s, &r);
	if (rc == RAV_OK) {
		place_note(w, &r);
		rc = store_put(&s, &r) == 0 ? store_put_back(w, &s) : rav_fail("remove labels that are not needed", "%s: no room for more", w->store);
	}
	if (rc == RAV_OK)
		resource_say(&r, w->json);
	store_free(&s);
	return rc;
}

int shype_setlabel(int argc, char **argv)
{
	struct resource r = { 0 };
	struct words w;
	int lock = -1, rc = words_read(&w, &argc, &argv, 1, 1);

	if (rc == RAV_OK)
		rc = words_check(&w, false, true, false);
	if (rc == RAV_OK && !resource_name_valid(argv[0]))
		rc = rav_misuse("'%s' is no name of a label", argv[0]);
	if (rc == RAV_OK)
		rc = w.policy ? policy_of_file(w.policy, argv[0], r.policy) : policy_in_force(argv[0], r.policy);
	if (rc == RAV_OK)
		rc = disk_open(&w);
	if (rc == RAV_OK)
		rc = lock_get(&w, &lock);
	if (rc == RAV_OK) {
		snprintf(r.label, sizeof(r.label), "%s", argv[0]);
		rc = label_put(&w, &r);
	}
	if (lock >= 0)
		close(lock);
	words_close(&w);
	return rc;
}

/* --- may-attach ---------------------------------------------------------------------------------------------------------------------------- */

static struct json_object *attach_json(const struct attach *a, int rc)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "attach", json_object_new_boolean(rc == RAV_OK));
	rav_json_add_u64(o, "domain", a->domain);
	json_object_object_add(o, "constrained", json_object_new_boolean(a->constrained));
	rav_json_add_text(o, "own", *a->own ? a->own : NULL);
	if (*a->resource.id)
		json_object_object_add(o, "resource", resource_json(&a->resource));
	rav_json_add_text(o, "why", a->why);
	return o;
}

static int domain_find(const char *text, uint16_t *id)
{
	xc_domaininfo_t info;
	xc_interface *xc;
	int rc = xen_open(&xc);

	if (rc != RAV_OK)
		return rc;
	rc = xen_domain(xc, text, &info);
	*id = rc == RAV_OK ? info.domain : 0;
	xc_interface_close(xc);
	return rc;
}

int shype_may_attach(int argc, char **argv)
{
	struct attach a = { 0 };
	struct words w;
	int rc = words_read(&w, &argc, &argv, 0, 0);

	if (rc == RAV_OK)
		rc = words_check(&w, false, false, true);
	if (rc == RAV_OK && !w.domain)
		rc = rav_misuse("which domain? --domain");
	if (rc == RAV_OK)
		rc = domain_find(w.domain, &a.domain);
	if (rc != RAV_OK)
		return rc;
	a.store = w.store;
	a.bridge = w.bridge;
	a.disk = w.disk;
	a.read_only = w.read_only;
	a.claim = w.claim;
	rc = attach_ask(&a);
	if (w.json)
		rav_json_print(attach_json(&a, rc));
	else
		printf("%s\n", a.why);
	return rc;
}

/* --- attached ------------------------------------------------------------------------------------------------------------------------------ */

struct telling {
	struct json_object *list;	/* NULL: lines */
	bool refused;
};

static void attached_say(void *arg, const char *device, const struct attach *a, int answer)
{
	struct telling *t = arg;
	struct json_object *o;

	t->refused |= answer != RAV_OK;
	if (!t->list) {
		printf("%s: %s%s\n", device, answer == RAV_OK ? "" : "REFUSED: ", a->why);
		return;
	}
	o = attach_json(a, answer);
	rav_json_add_text(o, "device", device);
	json_object_array_add(t->list, o);
}

int shype_attached(int argc, char **argv)
{
	struct telling t = { 0 };
	struct words w;
	char why[WHY];
	int rc = words_read(&w, &argc, &argv, 0, 0);

	if (rc == RAV_OK && (w.bridge || w.disk || w.id || w.policy || w.domain || w.claim || w.read_only))
		rc = rav_misuse("attached names them all");
	if (rc != RAV_OK)
		return rc;
	t.list = w.json ? json_object_new_array() : NULL;
	rc = attached_ask(w.store, attached_say, &t, why);
	if (rc != RAV_OK)
		rc = rav_fail(NULL, "%s", why);
	if (w.json)
		rav_json_print(t.list);
	return rc == RAV_OK && t.refused ? RAV_NO : rc;
}
