/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May a domain have a disk, or join a bridge: what a hotplug script asks before it attaches. The resource is known again, its label looked up, and the
 * hypervisor asked: about the domain and the label, and about the domain and every other that has the same bridge, or the same disk if one of the two may
 * write. So two domains without a common type never meet in a resource, whatever types its label has.
 * Locking: a claim in the xenstore is written before the others' are read: of two that attach at once one sees the other, or both do, and are refused.
 * Trust: only a clear yes is one. The xenstore's backend directories are this domain's own; paths are opened once, and what was opened is what is told.
 */
#include "shype_store.h"

#include <abi/ravelin.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenstore.h>

#include "common.h"
#include "shype_live.h"

#define CLAIM "ravelin-resource"	/* "w disk file:…" */

static int __attribute__((format(printf, 3, 4))) say(struct attach *a, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->why, WHY, fmt, ap);
	va_end(ap);
	return status;
}

/* --- what it is, and its label ------------------------------------------------------------------------------------------------- */

static bool label_take(const struct store *s, struct resource *r)
{
	const struct resource *found = store_find(s, r->kind, r->id);

	if (found)
		*r = *found;
	return found != NULL;
}

int resource_find(const struct store *s, const char *bridge, int fd, const char *disk, bool read_only, struct resource *r, char why[WHY])
{
	int rc = bridge ? identity_of_bridge(bridge, r, why) : identity_of_disk(fd, false, r, why);

	if (rc == 0 && label_take(s, r))
		return 0;
	if (bridge || !read_only) {
		if (rc == 0)
			snprintf(why, WHY, "it has no label");
		return rc ? rc : -ENOENT;
	}
	/* What is only read may be known by its content. */
	rc = identity_of_image(fd, disk, r, why);
	if (rc == 0 && !label_take(s, r)) {
		snprintf(why, WHY, "no image with this SHA-256 has a label");
		rc = -ENOENT;
	}
	return rc;
}

/* A script that has it open already names its descriptor: what is said names the file behind it. */
static void name_find(struct attach *a, int fd)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, a->name, sizeof(a->name) - 1);
	if (n > 0)
		a->name[n] = '\0';
	else
		snprintf(a->name, sizeof(a->name), "%s", a->disk);
	for (char *c = a->name; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static int disk_open(struct attach *a, int *fd)
{
	*fd = open(a->disk, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0)
		return say(a, RAV_FAILED, "%s: %s", a->disk, strerror(errno));
	name_find(a, *fd);
	return RAV_OK;
}

static const char *thing(const struct attach *a)
{
	return a->bridge ? a->bridge : a->name;
}

static int resource_know(struct attach *a, int fd)
{
	struct store s;
	char why[WHY];
	int rc;

	if (store_load(a->store, &s, why) != 0)
		return say(a, RAV_FAILED, "%s", why);
	rc = resource_find(&s, a->bridge, fd, a->name, a->read_only, &a->resource, why);
	store_free(&s);
	if (rc)
		return say(a, rc == -ENOENT || rc == -ENODATA ? RAV_NO : RAV_FAILED, "%s: %s", thing(a), why);
	return RAV_OK;
}

/* --- the hypervisor's answers ------------------------------------------------------------------------------------------------------ */

static int policy_know(struct attach *a, struct shype_live *l, char name[RAVELIN_SHYPE_NAME + 1])
{
	memset(l->op, 0, sizeof(*l->op));
	if (shype_live_call(l, RAVELIN_SHYPE_STATE) != 0)
		return say(a, RAV_FAILED, "the hypervisor does not say which policy is in force: %s", strerror(errno));
	a->constrained = l->op->u.shype_state.loaded != 0;
	memcpy(name, l->op->u.shype_state.name, RAVELIN_SHYPE_NAME);
	name[RAVELIN_SHYPE_NAME] = '\0';
	return RAV_OK;
}

/* 1: they may share; 0: not; -1 and errno. */
static int share_ask(struct attach *a, struct shype_live *l, uint16_t with, const char *label, char other[SHYPE_NAME])
{
	struct ravelin_shype_attach *q = &l->op->u.shype_attach;

	memset(l->op, 0, sizeof(*l->op));
	q->domain = a->domain;
	q->with = with;
	snprintf(q->label, sizeof(q->label), "%s", label);
	if (shype_live_call(l, RAVELIN_SHYPE_ATTACH) != 0)
		return -1;
	snprintf(a->own, sizeof(a->own), "%.*s", (int)sizeof(a->own) - 1, q->own);
	snprintf(other, SHYPE_NAME, "%.*s", SHYPE_NAME - 1, q->label);
	return q->share == 1;
}

static const char *label_text(const char *label)
{
	return *label ? label : "no label";
}

static int label_ask(struct attach *a, struct shype_live *l, const char *policy)
{
	char label[SHYPE_NAME];
	int share;

	if (strcmp(a->resource.policy, policy) != 0)
		return say(a, RAV_NO, "%s: its label %s is one of policy %s, and %s is in force", thing(a), a->resource.label, a->resource.policy, policy);
	share = share_ask(a, l, RAVELIN_SHYPE_NO_DOMAIN, a->resource.label, label);
	if (share < 0 && errno == EINVAL)
		return say(a, RAV_NO, "%s: the policy in force has no label %s", thing(a), a->resource.label);
	if (share < 0)
		return say(a, RAV_FAILED, "the hypervisor does not answer about domain %u: %s", a->domain, strerror(errno));
	if (!share)
		return say(a, RAV_NO, "domain %u (%s) and %s (%s) have no type in common", a->domain, label_text(a->own), thing(a), a->resource.label);
	return RAV_OK;
}

/* --- who has it already --------------------------------------------------------------------------------------------------------------- */

/* "backend/vif/7/0", as libxl says it: its domain; or false. */
static bool claim_valid(const char *path, uint16_t *domain)
{
	unsigned int id, device;
	int n = 0;

	if (sscanf(path, "backend/vif/%5u/%9u%n", &id, &device, &n) != 2 && sscanf(path, "backend/vbd/%5u/%9u%n", &id, &device, &n) != 2)
		return false;
	*domain = (uint16_t)id;
	return path[n] == '\0' && id < RAVELIN_SHYPE_NO_DOMAIN;
}

static void claim_text(const struct attach *a, char text[RESOURCE_TEXT + 2])
{
	char what[RESOURCE_TEXT];

	resource_text(&a->resource, what);
	snprintf(text, RESOURCE_TEXT + 2, "%c %s", a->read_only ? 'r' : 'w', what);
}

static bool claim_write(struct attach *a, struct xs_handle *xs)
{
	char path[128], text[RESOURCE_TEXT + 2];

	claim_text(a, text);
	snprintf(path, sizeof(path), "%s/" CLAIM, a->claim);
	return xs_write(xs, XBT_NULL, path, text, (unsigned int)strlen(text));
}

static void claim_drop(struct attach *a, struct xs_handle *xs)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/" CLAIM, a->claim);
	xs_rm(xs, XBT_NULL, path);
}

/* Does what is claimed there meet ours: the same thing, and somebody writes. */
static bool claims_meet(const struct attach *a, const char *claim)
{
	char ours[RESOURCE_TEXT + 2];

	claim_text(a, ours);
	return strlen(claim) > 1 && strcmp(claim + 1, ours + 1) == 0 && (claim[0] != 'r' || !a->read_only);
}

static int other_ask(struct attach *a, struct shype_live *l, uint16_t other)
{
	char label[SHYPE_NAME];
	int share = share_ask(a, l, other, "", label);

	if (share > 0 || (share < 0 && errno == ESRCH))	/* it is gone */
		return RAV_OK;
	if (share < 0)
		return say(a, RAV_FAILED, "the hypervisor does not answer about domains %u and %u: %s", a->domain, other, strerror(errno));
	return say(a, RAV_NO, "domain %u (%s) would meet domain %u (%s) in %s: no type in common", a->domain, label_text(a->own), other,
		   label_text(label), thing(a));
}

struct visit {
	struct attach *a;
	struct shype_live *l;
	struct xs_handle *xs;
	int (*each)(struct visit *v, const char *device, uint16_t domain);	/* of one kind's backends in this domain */
	bool unknown;		/* the xenstore did not say */
	const struct store *store;
	const char *policy;
	attached_tell *tell;
	void *arg;
};

static int unknown_say(struct attach *a)
{
	return say(a, RAV_FAILED, "the xenstore does not say who has %s", thing(a));
}

static char *device_read(struct visit *v, const char *device, const char *key)
{
	char path[192], *value;
	unsigned int len;

	snprintf(path, sizeof(path), "%s/%s", device, key);
	value = xs_read(v->xs, XBT_NULL, path, &len);
	v->unknown |= !value && errno != ENOENT;
	return value;
}

/* A claim, which may be of one that asks at this moment; or a bridge that a script of another kind has joined. What was refused has neither. */
static bool device_has(struct visit *v, const char *device)
{
	char *claim = device_read(v, device, CLAIM), *bridge, *status;
	bool has = claim && claims_meet(v->a, claim);

	if (!claim && v->a->bridge) {
		bridge = device_read(v, device, "bridge");
		status = device_read(v, device, "hotplug-status");
		has = bridge && status && strcmp(bridge, v->a->bridge) == 0 && strcmp(status, "connected") == 0;
		free(bridge);
		free(status);
	}
	free(claim);
	return has;
}

static int device_meet(struct visit *v, const char *device, uint16_t domain)
{
	bool has = domain != v->a->domain && device_has(v, device);

	if (v->unknown)
		return unknown_say(v->a);
	return has ? other_ask(v->a, v->l, domain) : RAV_OK;
}

/* Names below a directory; none if there is no such directory, NULL if that is not known. */
static char **names(struct xs_handle *xs, const char *path, unsigned int *nr)
{
	char **list = xs_directory(xs, XBT_NULL, path, nr);

	if (list || errno != ENOENT)
		return list;
	*nr = 0;
	return calloc(1, sizeof(*list));
}

static int domain_visit(struct visit *v, const char *kind, const char *domain)
{
	char path[128];
	unsigned int nr;
	char **devices;
	int rc = RAV_OK;
	uint64_t id;

	if (!rav_parse_u64(domain, RAVELIN_SHYPE_NO_DOMAIN - 1, &id))
		return RAV_OK;
	snprintf(path, sizeof(path), "backend/%s/%.16s", kind, domain);
	devices = names(v->xs, path, &nr);
	if (!devices)
		return unknown_say(v->a);
	for (unsigned int i = 0; i < nr && rc == RAV_OK; i++) {
		snprintf(path, sizeof(path), "backend/%s/%.16s/%.16s", kind, domain, devices[i]);
		rc = v->each(v, path, (uint16_t)id);
	}
	free(devices);
	return rc;
}

static int kind_visit(struct visit *v, const char *kind)
{
	char path[32];
	unsigned int nr;
	char **domains;
	int rc = RAV_OK;

	snprintf(path, sizeof(path), "backend/%s", kind);
	domains = names(v->xs, path, &nr);
	if (!domains)
		return unknown_say(v->a);
	for (unsigned int i = 0; i < nr && rc == RAV_OK; i++)
		rc = domain_visit(v, kind, domains[i]);
	free(domains);
	return rc;
}

static int others_ask(struct visit *v)
{
	return kind_visit(v, v->a->bridge ? "vif" : "vbd");
}

static int meeting_ask(struct attach *a, struct shype_live *l)
{
	struct visit v = { .a = a, .l = l, .xs = xs_open(0), .each = device_meet };
	int rc;

	if (!v.xs)
		return say(a, RAV_FAILED, "the xenstore does not answer: %s", strerror(errno));
	if (a->claim && !claim_write(a, v.xs))
		rc = say(a, RAV_FAILED, "%s: %s", a->claim, strerror(errno));
	else
		rc = others_ask(&v);
	if (rc != RAV_OK && a->claim)
		claim_drop(a, v.xs);
	xs_close(v.xs);
	return rc;
}

/* --- all of it --------------------------------------------------------------------------------------------------------------------------- */

static int resource_ask(struct attach *a, struct shype_live *l, const char *policy, int fd)
{
	int rc = resource_know(a, fd);

	if (rc == RAV_OK)
		rc = label_ask(a, l, policy);
	if (rc == RAV_OK)
		rc = meeting_ask(a, l);
	return rc == RAV_OK ? say(a, rc, "domain %u (%s) may have %s (%s)", a->domain, label_text(a->own), thing(a), a->resource.label) : rc;
}

/* Nothing is constrained now; when a policy comes it is to be known who has what. */
static int free_take(struct attach *a, int fd)
{
	char why[WHY];
	int rc = say(a, RAV_OK, "no sHype policy is in force: nothing is refused");

	if (a->claim && (a->disk ? identity_of_disk(fd, false, &a->resource, why) : identity_of_bridge(a->bridge, &a->resource, why)) == 0) {
		struct xs_handle *xs = xs_open(0);

		if (!xs || !claim_write(a, xs))
			rc = say(a, RAV_FAILED, "%s: %s", a->claim, strerror(errno));
		if (xs)
			xs_close(xs);
	}
	return rc;
}

int attach_ask(struct attach *a)
{
	char policy[RAVELIN_SHYPE_NAME + 1];
	struct shype_live l = { 0 };
	uint16_t claims;
	int fd = -1, rc = RAV_OK;

	if (a->claim && (!claim_valid(a->claim, &claims) || claims != a->domain))
		return say(a, RAV_FAILED, "%s is no backend's directory of domain %u", a->claim, a->domain);
	if (a->disk)
		rc = disk_open(a, &fd);
	if (rc == RAV_OK && shype_live_open(&l, 0) != RAV_OK)
		rc = say(a, RAV_FAILED, "there is no hypervisor to ask");
	if (rc == RAV_OK)
		rc = policy_know(a, &l, policy);
	if (rc == RAV_OK && a->constrained)
		rc = resource_ask(a, &l, policy, fd);
	else if (rc == RAV_OK)
		rc = free_take(a, fd);
	shype_live_close(&l);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* --- what is attached, asked again ----------------------------------------------------------------------------------------------------------- */

/* What the device is of: its bridge, or its claim. RAV_NO: it is not known; -1: it is not attached. */
static int device_know(struct visit *v, const char *device, struct attach *a)
{
	char *bridge = device_read(v, device, "bridge"), *claim = device_read(v, device, CLAIM), *status = device_read(v, device, "hotplug-status");
	bool attached = status && strcmp(status, "connected") == 0;
	int rc = RAV_NO;

	snprintf(a->name, sizeof(a->name), "%s", bridge ? bridge : claim ? claim + (strlen(claim) > 1 ? 2 : 0) : device);
	if (bridge) {
		a->bridge = a->name;
		rc = identity_of_bridge(bridge, &a->resource, a->why) == 0 ? RAV_OK : RAV_NO;
	} else if (claim && (claim[0] == 'r' || claim[0] == 'w') && claim[1] == ' ' && resource_parse(claim + 2, &a->resource)) {
		a->read_only = claim[0] == 'r';
		rc = RAV_OK;
	}
	free(bridge);
	free(claim);
	free(status);
	return attached ? rc : -1;
}

static int device_judge(struct visit *v, struct attach *a)
{
	struct visit others = { .a = a, .l = v->l, .xs = v->xs, .each = device_meet };
	int rc;

	if (!label_take(v->store, &a->resource))
		return say(a, RAV_NO, "%s: it has no label", thing(a));
	rc = label_ask(a, v->l, v->policy);
	if (rc == RAV_OK)
		rc = others_ask(&others);
	return rc == RAV_OK ? say(a, rc, "domain %u (%s) may have %s (%s)", a->domain, label_text(a->own), thing(a), a->resource.label) : rc;
}

static int device_again(struct visit *v, const char *device, uint16_t domain)
{
	struct attach a = { .domain = domain, .constrained = true };
	int rc = device_know(v, device, &a);

	if (v->unknown)
		return unknown_say(v->a);
	if (rc < 0)
		return RAV_OK;
	rc = rc == RAV_OK ? device_judge(v, &a) : say(&a, RAV_NO, "%s was attached by a script that does not ask", device);
	v->tell(v->arg, device, &a, rc);
	return RAV_OK;
}

int attached_ask(const char *store, attached_tell *tell, void *arg, char why[WHY])
{
	struct attach a = { .store = store, .name = "what" };
	char policy[RAVELIN_SHYPE_NAME + 1];
	struct shype_live l = { 0 };
	struct store s = { 0 };
	struct visit v = { .a = &a, .l = &l, .each = device_again, .store = &s, .policy = policy, .tell = tell, .arg = arg };
	int rc = shype_live_open(&l, 0) == RAV_OK ? policy_know(&a, &l, policy) : say(&a, RAV_FAILED, "there is no hypervisor to ask");

	if (rc == RAV_OK && a.constrained) {
		if (store_load(store, &s, a.why) != 0)
			rc = RAV_FAILED;
		v.xs = rc == RAV_OK ? xs_open(0) : NULL;
		if (rc == RAV_OK)
			rc = v.xs ? kind_visit(&v, "vbd") : say(&a, RAV_FAILED, "the xenstore does not answer: %s", strerror(errno));
		if (rc == RAV_OK)
			rc = kind_visit(&v, "vif");
		if (v.xs)
			xs_close(v.xs);
	}
	store_free(&s);
	shype_live_close(&l);
	strcpy(why, a.why);
	return rc;
}
