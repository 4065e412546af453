/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav shype: the verbs that ask the hypervisor this runs on.
 * Locking: single-threaded. Trust: the hypervisor's answers are believed, their lengths are not.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "options.h"
#include "shype.h"
#include "shype_live.h"
#include "xen.h"

#define NEEDS_LOAD	"shype:load"
#define NEEDS_QUERY	"shype:query"

int shype_live_open(struct shype_live *l, size_t policy_size)
{
	xc_interface *xc;
	int rc = xen_open(&xc);	/* says what is missing */

	*l = (struct shype_live){ .policy_size = policy_size ? policy_size : 1 };
	if (rc != RAV_OK)
		return rc;
	xc_interface_close(xc);
	l->call = xencall_open(NULL, 0);
	if (l->call)
		l->op = xencall_alloc_buffer(l->call, sizeof(*l->op));
	if (l->op)
		l->list = xencall_alloc_buffer(l->call, RAVELIN_SHYPE_CONFLICTS * sizeof(*l->list));
	if (l->list)
		l->policy = xencall_alloc_buffer(l->call, l->policy_size);
	return l->policy ? RAV_OK : rav_fail("run it as root", "/dev/xen/privcmd: %s", strerror(errno));
}

void shype_live_close(struct shype_live *l)
{
	if (!l->call)
		return;
	xencall_free_buffer(l->call, l->policy);
	xencall_free_buffer(l->call, l->list);
	xencall_free_buffer(l->call, l->op);
	xencall_close(l->call);
}

int shype_live_call(struct shype_live *l, uint32_t cmd)
{
	l->op->cmd = cmd;
	l->op->interface_version = RAVELIN_INTERFACE_VERSION;
	return (int)xencall1(l->call, RAVELIN_HYPERCALL, (uint64_t)(uintptr_t)l->op) < 0 ? -1 : 0;
}

/* --- load ------------------------------------------------------------------------------------------------------------------- */

static const char *conflict_kind(uint16_t kind)
{
	switch (kind) {
	case RAVELIN_SHYPE_NO_LABEL:
		return "no-label";
	case RAVELIN_SHYPE_WALL:
		return "wall";
	case RAVELIN_SHYPE_SHARED:
		return "shared";
	default:
		return "unknown";
	}
}

static void conflict_print(const struct ravelin_shype_conflict *c, bool loaded)
{
	char a[128], b[128];

	xen_domain_name(c->a, a, sizeof(a));
	xen_domain_name(c->b, b, sizeof(b));
	if (c->kind == RAVELIN_SHYPE_SHARED)
		printf("  domain %u %s has something of domain %u %s\n", c->a, a, c->b, b);
	else if (c->kind == RAVELIN_SHYPE_WALL)
		printf("  domain %u %s runs beside one that its label conflicts with%s\n", c->a, a, loaded ? ": paused" : "");
	else
		printf("  domain %u %s has no label%s\n", c->a, a, loaded ? ": paused" : "");
}

static struct json_object *conflicts_json(const struct ravelin_shype_conflict *list, uint32_t nr, bool loaded)
{
	struct json_object *a = json_object_new_array();

	for (uint32_t i = 0; i < nr; i++) {
		struct json_object *o = json_object_new_object();

		rav_json_add_text(o, "kind", conflict_kind(list[i].kind));
		rav_json_add_u64(o, "a", list[i].a);
		if (list[i].kind == RAVELIN_SHYPE_SHARED)
			rav_json_add_u64(o, "b", list[i].b);
		else
			json_object_object_add(o, "paused", json_object_new_boolean(loaded));
		json_object_array_add(a, o);
	}
	return a;
}

static int load_say(const struct shype_live *l, const struct shype_file *f, bool json, bool loaded)
{
	uint32_t count = l->op->u.shype_load.count;
	uint32_t listed = count < RAVELIN_SHYPE_CONFLICTS ? count : RAVELIN_SHYPE_CONFLICTS;
	struct json_object *o;

	if (!json) {
		printf("policy %s, sha256 %s: %s%s\n", f->header->name, f->sha256, loaded ? "in force" : "refused, running domains violate it",
		       loaded && count ? "; taken away:" : "");
		for (uint32_t i = 0; i < listed; i++)
			conflict_print(&l->list[i], loaded);
		if (listed < count)
			printf("  and %u more\n", count - listed);
		if (!loaded)
			printf("try: rav shype load --revoke\n");
		return loaded ? RAV_OK : RAV_NO;
	}
	o = json_object_new_object();
	json_object_object_add(o, "loaded", json_object_new_boolean(loaded));
	rav_json_add_text(o, "sha256", f->sha256);
	rav_json_add_u64(o, "count", count);
	json_object_object_add(o, "conflicts", conflicts_json(l->list, listed, loaded));
	rav_json_print(o);
	return loaded ? RAV_OK : RAV_NO;
}

static int load_file(struct shype_live *l, const struct shype_file *f, bool json, bool revoke)
{
	memcpy(l->policy, f->bytes, f->len);
	memset(l->op, 0, sizeof(*l->op));
	l->op->u.shype_load = (struct ravelin_shype_load){ .buffer = (uint64_t)(uintptr_t)l->policy, .size = (uint32_t)f->len, .revoke = revoke,
							   .conflicts = (uint64_t)(uintptr_t)l->list };
	if (shype_live_call(l, RAVELIN_SHYPE_LOAD) == 0)
		return load_say(l, f, json, true);
	return errno == EBUSY ? load_say(l, f, json, false) : xen_fail("load", NEEDS_LOAD);
}

int shype_load(int argc, char **argv)
{
	bool json = false, revoke = false;
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &json }, { "revoke", 0, OPTION_FLAG, &revoke }, { NULL } };
	struct shype_file f = { 0 };
	struct shype_live l = { 0 };
	int rc = options_read(&argc, &argv, specs, 1, 1);

	if (rc == RAV_OK)
		rc = shype_open(argv[0], &f);
	if (rc == RAV_OK)
		rc = shype_live_open(&l, f.len);
	if (rc == RAV_OK)
		rc = load_file(&l, &f, json, revoke);
	shype_live_close(&l);
	shype_close(&f);
	return rc;
}

/* --- questions --------------------------------------------------------------------------------------------------------------- */

static int status_say(const struct ravelin_shype_state *s, bool json)
{
	char hash[65], name[RAVELIN_SHYPE_NAME + 1] = "";
	struct json_object *o;

	rav_hex(s->sha256, sizeof(s->sha256), hash);
	memcpy(name, s->name, RAVELIN_SHYPE_NAME);
	if (json) {
		o = json_object_new_object();
		json_object_object_add(o, "loaded", json_object_new_boolean(s->loaded != 0));
		rav_json_add_text(o, "policy", s->loaded ? name : NULL);
		rav_json_add_text(o, "sha256", s->loaded ? hash : NULL);
		rav_json_print(o);
	} else if (s->loaded) {
		printf("policy %s, %u labels, sha256 %s\n", name, s->labels, hash);
	} else {
		printf("no sHype policy is in force\n");
	}
	return s->loaded ? RAV_OK : RAV_NO;
}

int shype_status(int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &json }, { NULL } };
	struct shype_live l = { 0 };
	int rc = options_read(&argc, &argv, specs, 0, 0);

	if (rc == RAV_OK)
		rc = shype_live_open(&l, 0);
	if (rc == RAV_OK)
		rc = shype_live_call(&l, RAVELIN_SHYPE_STATE) == 0 ? status_say(&l.op->u.shype_state, json) : xen_fail("status", NEEDS_QUERY);
	shype_live_close(&l);
	return rc;
}

/* "label=disk_bank_a", or a domain. */
static int end_read(const char *text, uint32_t *sid, char label[RAVELIN_SHYPE_NAME])
{
	xc_domaininfo_t info;
	xc_interface *xc;
	int rc;

	*sid = 0;
	if (strncmp(text, "label=", 6) == 0) {
		if (strlen(text + 6) >= RAVELIN_SHYPE_NAME)
			return rav_misuse("'%s' is longer than any label", text + 6);
		memset(label, 0, RAVELIN_SHYPE_NAME);
		memcpy(label, text + 6, strlen(text + 6));
		return RAV_OK;
	}
	rc = xen_open(&xc);
	if (rc != RAV_OK)
		return rc;
	rc = xen_domain(xc, text, &info);
	if (rc == RAV_OK)
		*sid = info.ssidref;
	xc_interface_close(xc);
	return rc;
}

static int share_say(const struct ravelin_shype_ask *q, char **argv, bool json)
{
	char label[2][RAVELIN_SHYPE_NAME + 1] = { "", "" };
	struct json_object *o;

	for (unsigned int i = 0; i < 2; i++)
		memcpy(label[i], q->label[i], RAVELIN_SHYPE_NAME);
	if (json) {
		o = json_object_new_object();
		json_object_object_add(o, "share", json_object_new_boolean(q->share != 0));
		json_object_object_add(o, "together", json_object_new_boolean(q->wall == 0));
		rav_json_add_text(o, "a", label[0]);
		rav_json_add_text(o, "b", label[1]);
		rav_json_print(o);
	} else {
		printf("%s (%s) and %s (%s) may %sshare\n", argv[0], label[0][0] ? label[0] : "no label", argv[1], label[1][0] ? label[1] : "no label",
		       q->share ? "" : "not ");
	}
	return q->share ? RAV_OK : RAV_NO;
}

/* Whatever goes wrong is not status 0: who asks before attaching something fails closed. */
static int share_ask(struct shype_live *l, char **argv, bool json)
{
	struct ravelin_shype_ask *q = &l->op->u.shype_ask;
	int rc;

	memset(l->op, 0, sizeof(*l->op));
	rc = end_read(argv[0], &q->sid[0], q->label[0]);
	if (rc == RAV_OK)
		rc = end_read(argv[1], &q->sid[1], q->label[1]);
	if (rc != RAV_OK)
		return rc;
	if (shype_live_call(l, RAVELIN_SHYPE_ASK) == 0)
		return share_say(q, argv, json);
	if (errno == ENOENT)
		return rav_fail("rav shype load FILE", "no sHype policy is in force");
	if (errno == EINVAL)
		return rav_fail("`rav shype labels FILE` shows them", "the policy in force has no such label");
	return xen_fail("may-share", NEEDS_QUERY);
}

int shype_may_share(int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &json }, { NULL } };
	struct shype_live l = { 0 };
	int rc = options_read(&argc, &argv, specs, 2, 2);

	if (rc == RAV_OK)
		rc = shype_live_open(&l, 0);
	if (rc == RAV_OK)
		rc = share_ask(&l, argv, json);
	shype_live_close(&l);
	return rc;
}
