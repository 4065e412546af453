/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May a domain have a bridge or a disk: the question of the hotplug scripts, against a played hypervisor and a played xenstore (by the linker's --wrap). What is
 * no clear yes is a no.
 * Locking: one thread; who asks at the same time is played, too. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xenstore.h>

#include "../../tools/rav/common.h"
#include "../../tools/rav/shype_live.h"
#include "../../tools/rav/shype_store.h"

#define POLICY	"banks"
#define NODES	24
#define DISK	"disk file:0123456f-89ab-4cde-8f01-23456789abcd"

enum { NOBODY, BANK, RIVAL, BOTH };	/* types of a label, as bits */

static struct {
	bool no_policy, closed;
	int error;			/* of every call but the state's */
	uint32_t yes;			/* what it says for yes */
	unsigned int asked;
	char last[128];			/* what was asked about */
} hypervisor;

static struct {
	struct { char path[96], value[256]; bool set; } node[NODES];
	bool closed;
	int error;			/* of every read but of claims of our own */
	void (*on_write)(void);		/* somebody else, at that moment */
} store;

static char dir[64], labels[96], file[96];

/* --- the hypervisor: domains 1 and 2 are the bank's, 3 is its rival's, 4 has both types, 9 is gone --------------------------------------- */

int __wrap_shype_live_open(struct shype_live *l, size_t policy_size);
void __wrap_shype_live_close(struct shype_live *l);
int __wrap_shype_live_call(struct shype_live *l, uint32_t cmd);

int __wrap_shype_live_open(struct shype_live *l, size_t policy_size)
{
	(void)policy_size;
	l->op = calloc(1, sizeof(*l->op));
	return hypervisor.closed ? RAV_FAILED : RAV_OK;
}

void __wrap_shype_live_close(struct shype_live *l)
{
	free(l->op);
	l->op = NULL;
}

static unsigned int types_of_domain(uint16_t id)
{
	static const unsigned int types[] = { BOTH, BANK, BANK, RIVAL, BOTH, NOBODY };

	return id < sizeof(types) / sizeof(types[0]) ? types[id] : NOBODY;
}

static int types_of_label(const char *label)
{
	return strcmp(label, "a") == 0 ? BANK : strcmp(label, "b") == 0 ? RIVAL : strcmp(label, "ab") == 0 ? BOTH : -1;
}

static int refuse(int error)
{
	errno = error;
	return -1;
}

static int attach_answer(struct ravelin_shype_attach *q)
{
	bool label = q->with == RAVELIN_SHYPE_NO_DOMAIN;
	int other = label ? types_of_label(q->label) : (int)types_of_domain(q->with);

	hypervisor.asked++;
	snprintf(hypervisor.last, sizeof(hypervisor.last), "%u %u %s", q->domain, q->with, q->label);
	if (hypervisor.error)
		return refuse(hypervisor.error);
	if (q->domain == 9 || q->with == 9)
		return refuse(ESRCH);
	if (other < 0)
		return refuse(EINVAL);
	q->share = types_of_domain(q->domain) & (unsigned int)other ? hypervisor.yes : 0;
	memset(q->own, 'x', sizeof(q->own));	/* no end: its length is not believed */
	return 0;
}

int __wrap_shype_live_call(struct shype_live *l, uint32_t cmd)
{
	struct ravelin_shype_state *s = &l->op->u.shype_state;

	if (cmd == RAVELIN_SHYPE_ATTACH)
		return attach_answer(&l->op->u.shype_attach);
	assert_int_equal(cmd, RAVELIN_SHYPE_STATE);
	s->loaded = !hypervisor.no_policy;
	memset(s->name, 0, sizeof(s->name));
	strcpy(s->name, POLICY);
	return 0;
}

/* --- the xenstore --------------------------------------------------------------------------------------------------------------------------- */

struct xs_handle *__wrap_xs_open(unsigned long flags);
void __wrap_xs_close(struct xs_handle *xs);
void *__wrap_xs_read(struct xs_handle *xs, xs_transaction_t t, const char *path, unsigned int *len);
bool __wrap_xs_write(struct xs_handle *xs, xs_transaction_t t, const char *path, const void *data, unsigned int len);
bool __wrap_xs_rm(struct xs_handle *xs, xs_transaction_t t, const char *path);
char **__wrap_xs_directory(struct xs_handle *xs, xs_transaction_t t, const char *path, unsigned int *nr);

struct xs_handle *__wrap_xs_open(unsigned long flags)
{
	(void)flags;
	errno = ECONNREFUSED;
	return store.closed ? NULL : (struct xs_handle *)&store;
}

void __wrap_xs_close(struct xs_handle *xs)
{
	(void)xs;
}

static int node_find(const char *path)
{
	for (int i = 0; i < NODES; i++)
		if (store.node[i].set && strcmp(store.node[i].path, path) == 0)
			return i;
	return -1;
}

static void node_put(const char *path, const char *value)
{
	int i = node_find(path);

	for (int n = 0; i < 0 && n < NODES; n++)
		if (!store.node[n].set)
			i = n;
	assert_true(i >= 0);
	snprintf(store.node[i].path, sizeof(store.node[i].path), "%s", path);
	snprintf(store.node[i].value, sizeof(store.node[i].value), "%s", value);
	store.node[i].set = true;
}

void *__wrap_xs_read(struct xs_handle *xs, xs_transaction_t t, const char *path, unsigned int *len)
{
	int i = node_find(path);

	(void)xs, (void)t;
	errno = store.error ? store.error : ENOENT;
	if (i < 0 || store.error)
		return NULL;
	*len = (unsigned int)strlen(store.node[i].value);
	return strdup(store.node[i].value);
}

bool __wrap_xs_write(struct xs_handle *xs, xs_transaction_t t, const char *path, const void *data, unsigned int len)
{
	char value[256];

	(void)xs, (void)t;
	errno = EACCES;
	if (store.error)
		return false;
	snprintf(value, sizeof(value), "%.*s", (int)len, (const char *)data);
	node_put(path, value);
	if (store.on_write)
		store.on_write();
	return true;
}

bool __wrap_xs_rm(struct xs_handle *xs, xs_transaction_t t, const char *path)
{
	int i = node_find(path);

	(void)xs, (void)t;
	if (i >= 0)
		store.node[i].set = false;
	return i >= 0;
}

/* Names one step below, each once. */
char **__wrap_xs_directory(struct xs_handle *xs, xs_transaction_t t, const char *path, unsigned int *nr)
{
	char **list = calloc(1, NODES * (sizeof(char *) + 96)), *text = (char *)(list + NODES);
	size_t len = strlen(path);

	(void)xs, (void)t;
	*nr = 0;
	for (int i = 0; i < NODES; i++) {
		const char *name = store.node[i].path + len + 1;
		unsigned int n = 0;

		if (!store.node[i].set || strncmp(store.node[i].path, path, len) != 0 || store.node[i].path[len] != '/')
			continue;
		snprintf(text, 96, "%.*s", (int)strcspn(name, "/"), name);
		while (n < *nr && strcmp(list[n], text) != 0)
			n++;
		if (n < *nr)
			continue;
		list[(*nr)++] = text;
		text += 96;
	}
	errno = store.error ? store.error : ENOENT;
	if (*nr && !store.error)
		return list;
	free(list);
	return NULL;
}

/* --- a file with its label -------------------------------------------------------------------------------------------------------------------- */

ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size);

ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size)
{
	(void)fd, (void)name;
	assert_int_equal(size, strlen(DISK) - 10);
	memcpy(value, DISK + 10, size);
	return (ssize_t)size;
}

static void labels_put(const char *lines, unsigned int nr)
{
	FILE *f = fopen(labels, "we");

	fprintf(f, "ravelin-shype-labels 1\n%send %u\n", lines, nr);
	fclose(f);
	assert_int_equal(chmod(labels, 0600), 0);
}

static int setup(void **state)
{
	FILE *f;

	(void)state;
	memset(&hypervisor, 0, sizeof(hypervisor));
	memset(&store, 0, sizeof(store));
	hypervisor.yes = 1;
	strcpy(dir, "/tmp/test_shype_attach.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(labels, sizeof(labels), "%s/labels", dir);
	snprintf(file, sizeof(file), "%s/disk.img", dir);
	f = fopen(file, "we");
	fclose(f);
	labels_put("bridge br_a banks a -\nbridge br_ab banks ab -\nbridge br_old apart a -\nbridge br_x banks nobody_knows -\n" DISK " banks ab -\n", 5);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(labels);
	unlink(file);
	return rmdir(dir);
}

/* --- questions --------------------------------------------------------------------------------------------------------------------------------- */

static struct attach a;

static int bridge(uint16_t domain, const char *name)
{
	static char claim[64];

	snprintf(claim, sizeof(claim), "backend/vif/%u/0", domain);
	a = (struct attach){ .store = labels, .domain = domain, .bridge = name, .claim = claim };
	return attach_ask(&a);
}

static int disk(uint16_t domain, bool read_only)
{
	static char claim[64];

	snprintf(claim, sizeof(claim), "backend/vbd/%u/51712", domain);
	a = (struct attach){ .store = labels, .domain = domain, .disk = file, .read_only = read_only, .claim = claim };
	return attach_ask(&a);
}

static void why_is(const char *text)
{
	if (!strstr(a.why, text))
		fail_msg("'%s', not '%s'", a.why, text);
	assert_null(strchr(a.why, '\n'));
}

static const char *claim_of(const char *backend)
{
	char path[96];
	int i;

	snprintf(path, sizeof(path), "%s/ravelin-resource", backend);
	i = node_find(path);
	return i < 0 ? NULL : store.node[i].value;
}

static void test_labels_decide(void **state)
{
	(void)state;
	assert_int_equal(bridge(1, "br_a"), RAV_OK);
	assert_string_equal(hypervisor.last, "1 32756 a");
	assert_string_equal(claim_of("backend/vif/1/0"), "w bridge br_a");
	assert_int_equal(bridge(3, "br_a"), RAV_NO);
	why_is("have no type in common");
	assert_null(claim_of("backend/vif/3/0"));
	assert_int_equal(bridge(1, "br_none"), RAV_NO);
	why_is("it has no label");
	assert_int_equal(bridge(1, "br_x"), RAV_NO);
	why_is("the policy in force has no label nobody_knows");
	assert_int_equal(bridge(1, "br_old"), RAV_NO);
	why_is("one of policy apart, and banks is in force");
	assert_int_equal(strlen(a.own), 0);
}

static void test_without_a_policy(void **state)
{
	(void)state;
	hypervisor.no_policy = true;
	assert_int_equal(bridge(3, "br_a"), RAV_OK);
	assert_int_equal(disk(3, false), RAV_OK);
	assert_int_equal(unlink(labels), 0);
	assert_int_equal(bridge(3, "br_none"), RAV_OK);
	assert_int_equal(hypervisor.asked, 0);
	/* When one comes it is known who has what. */
	assert_string_equal(claim_of("backend/vbd/3/51712"), "w " DISK);
	hypervisor.no_policy = false;
	labels_put(DISK " banks ab -\n", 1);
	assert_int_equal(disk(1, false), RAV_NO);
	why_is("would meet domain 3");
}

static void test_no_clear_yes(void **state)
{
	static const int errors[] = { EACCES, ENOSYS, EFAULT, EAGAIN, ENOENT };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		hypervisor.error = errors[i];
		assert_int_equal(bridge(1, "br_a"), RAV_FAILED);
		why_is("the hypervisor does not answer about domain 1");
		assert_null(claim_of("backend/vif/1/0"));
	}
	hypervisor.error = 0;
	hypervisor.yes = 7;
	assert_int_equal(bridge(1, "br_a"), RAV_NO);
	hypervisor.yes = 1;
	assert_int_equal(bridge(9, "br_a"), RAV_FAILED);
	hypervisor.closed = true;
	assert_int_equal(bridge(1, "br_a"), RAV_FAILED);
	why_is("no hypervisor");
	hypervisor.closed = false;
	store.closed = true;
	assert_int_equal(bridge(1, "br_a"), RAV_FAILED);
	why_is("the xenstore does not answer");
	store.closed = false;
	store.error = EIO;
	assert_int_equal(bridge(1, "br_a"), RAV_FAILED);
	store.error = 0;
	labels_put("bridge br_a banks a -\n", 2);
	assert_int_equal(bridge(1, "br_a"), RAV_FAILED);
	why_is("the count at the end");
	assert_int_equal(unlink(labels), 0);
	assert_int_equal(bridge(1, "br_a"), RAV_FAILED);
	why_is("there is no store of labels");
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(bridge(1, "br_a"), RAV_FAILED);
	why_is("others may write");
}

static void test_what_a_claim_may_be(void **state)
{
	static const char *const wrong[] = { "backend/vif/2/0", "backend/vkb/1/0", "backend/vif/1", "backend/vif/1/0/x", "/local/domain/1/x", "backend/vif/1/", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		a = (struct attach){ .store = labels, .domain = 1, .bridge = "br_a", .claim = wrong[i] };
		assert_int_equal(attach_ask(&a), RAV_FAILED);
		why_is("is no backend's directory of domain 1");
	}
}

/* Everybody's label is no meeting place. */
static void test_who_is_there_first_decides(void **state)
{
	(void)state;
	assert_int_equal(bridge(1, "br_ab"), RAV_OK);
	assert_int_equal(bridge(2, "br_ab"), RAV_OK);
	assert_int_equal(bridge(3, "br_ab"), RAV_NO);
	why_is("would meet domain");
	assert_int_equal(bridge(4, "br_ab"), RAV_OK);
	assert_int_equal(bridge(1, "br_ab"), RAV_OK);	/* with itself it may */
	/* One that a script of another kind has joined; one that was refused; one that is gone. */
	memset(store.node, 0, sizeof(store.node));
	node_put("backend/vif/1/0/bridge", "br_ab");
	node_put("backend/vif/1/0/hotplug-status", "error");
	node_put("backend/vif/9/0/ravelin-resource", "w bridge br_ab");
	assert_int_equal(bridge(3, "br_ab"), RAV_OK);
	node_put("backend/vif/1/0/hotplug-status", "connected");
	assert_int_equal(bridge(3, "br_ab"), RAV_NO);
	store.error = EAGAIN;
	assert_int_equal(bridge(3, "br_ab"), RAV_FAILED);
}

static void test_readers_do_not_meet(void **state)
{
	(void)state;
	assert_int_equal(disk(1, true), RAV_OK);
	assert_int_equal(disk(3, true), RAV_OK);
	assert_int_equal(disk(1, false), RAV_NO);
	why_is("would meet domain 3");
	assert_null(claim_of("backend/vbd/1/51712"));
	assert_int_equal(disk(3, false), RAV_OK);
	assert_string_equal(claim_of("backend/vbd/3/51712"), "w " DISK);
	assert_int_equal(disk(1, true), RAV_NO);
	assert_int_equal(disk(1, false), RAV_NO);
}

static int other_result;

static void other_asks(void)
{
	struct attach mine = a;

	store.on_write = NULL;
	other_result = disk(3, false);
	a = mine;
}

/* Whenever the other asks, not both get it. */
static void test_two_at_once(void **state)
{
	int first;

	(void)state;
	store.on_write = other_asks;	/* between our claim and our look at the others */
	first = disk(1, false);
	assert_int_equal(other_result, RAV_NO);
	assert_int_equal(first, RAV_OK);
	memset(store.node, 0, sizeof(store.node));
	node_put("backend/vbd/3/51712/ravelin-resource", "w " DISK);	/* it has claimed, and not looked yet */
	assert_int_equal(disk(1, false), RAV_NO);
	assert_null(claim_of("backend/vbd/1/51712"));
}

/* --- asked again -------------------------------------------------------------------------------------------------------------------------------- */

static unsigned int told, told_no;

static void tell(void *arg, const char *device, const struct attach *which, int answer)
{
	(void)arg;
	told++;
	told_no += answer != RAV_OK;
	assert_int_equal(strncmp(device, "backend/v", 9), 0);
	assert_true(*which->why);
}

static void told_is(unsigned int all, unsigned int no)
{
	char why[WHY];

	told = told_no = 0;
	assert_int_equal(attached_ask(labels, tell, NULL, why), RAV_OK);
	assert_int_equal(told, all);
	assert_int_equal(told_no, no);
}

static void test_asked_again(void **state)
{
	char why[WHY];

	(void)state;
	assert_int_equal(bridge(1, "br_a"), RAV_OK);
	node_put("backend/vif/1/0/bridge", "br_a");
	told_is(0, 0);		/* its script has not ended yet */
	node_put("backend/vif/1/0/hotplug-status", "connected");
	assert_int_equal(disk(2, false), RAV_OK);
	node_put("backend/vbd/2/51712/hotplug-status", "connected");
	told_is(2, 0);
	node_put("backend/vbd/4/51712/hotplug-status", "connected");	/* by a script that does not ask */
	told_is(3, 1);
	node_put("backend/vbd/4/51712/ravelin-resource", "? " DISK);
	told_is(3, 1);
	labels_put("bridge br_a banks b -\n" DISK " banks b -\n", 2);
	told_is(3, 3);
	hypervisor.no_policy = true;
	told_is(0, 0);
	hypervisor.no_policy = false;
	assert_int_equal(unlink(labels), 0);
	assert_int_equal(attached_ask(labels, tell, NULL, why), RAV_FAILED);
	store.closed = true;
	labels_put("", 0);
	assert_int_equal(attached_ask(labels, tell, NULL, why), RAV_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_labels_decide, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_a_policy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_clear_yes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_a_claim_may_be, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_is_there_first_decides, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers_do_not_meet, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_asked_again, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
