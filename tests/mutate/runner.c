/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the place of cmocka's runner in a test program: runs each test in a child of its own, first without a mutant, to see which mutants would change
 * anything within its hypercalls, then once for each of those that nobody has killed yet. The mutants of the operation table are made here, in memory.
 * Environment: MUTATE_STATE, a file with a byte for each mutant, shared by all programs (enum fate); MUTATE_PART=i/n, this process's share;
 * MUTATE_ONLY=number, to see one mutant's test fail; MUTATE_LIST, to print the table's mutants as mutate does, after the number in it;
 * MUTATE_BASE, a file with what this program's tests meet: made where MUTATE_STAGE is "base", read else; MUTATE_STAGE: "table", its mutants alone;
 * "likely", of each mutant the few tests that most probably notice; "all", but those whose numbers stand in the file MUTATE_LISTED; "memory", of these
 * those that live. What has been tried stands in MUTATE_BASE, and is not tried again.
 * A kill is a line: number, how, program, test.
 * Locking: none; children tell by how they end. Trust: tests only.
 */
#include "mutant.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <hv/flask.h>

#include "hypervisor/hypercall/ops.h"

#define TESTS_MAX	64
#define LIKELY		2u

/* Ordered: the later says more. A result that is wrong says most. */
enum fate { FATE_UNMET, FATE_MET, FATE_HUNG, FATE_CRASHED, FATE_KILLED };
static const char *const fate_names[] = { "unmet", "met", "hang", "crash", "wrong" };

struct mutant mutant;
_Thread_local unsigned int mutant_depth;
_Thread_local unsigned int mutant_operation;

void mutant_meet(unsigned int n);
bool mutant_concerns(const char *name);

static unsigned char *state, *met[TESTS_MAX], *seen;	/* seen: by the test that runs */
enum { SEEN = 1, TRIED };				/* in met[] */
static uint64_t (*met_rows)[GATE_OPERATIONS / 64];	/* of each mutant: in which operations it was met */
static unsigned int state_size, part, parts = 1, every = 1;
static unsigned int tests_of_each = TESTS_MAX;		/* that are tried */
static bool table_alone, living_alone;
static bool *listed;					/* NULL, or which EQUIVALENT names: the stage "all" is not for them */

/* --- mutants of the table ------------------------------------------------------------------------------------------------ */

enum change { CHANGE_PERM, CHANGE_TARGET, CHANGE_COMPAT, CHANGE_BACK, CHANGE_BACK_ON_ERROR, CHANGE_QUIET, CHANGE_DENIED, CHANGE_REFUSED, CHANGE_USE, CHANGES };
static const char *const change_names[] = { "permission", "target", "compat", "copy-back", "copy-back-on-error", "quiet", "status", "not-refused", "use" };

static unsigned int table_first;	/* number of the table's first mutant */

static enum perm perm_other(enum perm p)
{
	return p % (PERM_COUNT - 1) + 1;
}

static enum target_kind target_other(enum target_kind t)
{
	return t == TARGET_SELF ? TARGET_XEN : TARGET_SELF;
}

/* Does this change mean anything to the row. */
static bool change_applies(const struct op_row *row, enum change what)
{
	bool refused = row->flags & ROW_REFUSED, fixed = row->target == TARGET_DATA || row->target == TARGET_SID;

	if (row->flags & ROW_NEST)		/* no operation */
		return false;
	switch (what) {
	case CHANGE_PERM:
	case CHANGE_TARGET:
		return !refused && !fixed;
	case CHANGE_COMPAT:
	case CHANGE_QUIET:
		return !refused;
	case CHANGE_DENIED:
	case CHANGE_USE:
		return true;
	case CHANGE_BACK:
		return !refused && row->arg_size;
	case CHANGE_BACK_ON_ERROR:
		return row->flags & ROW_COPY_BACK_ON_ERROR;
	case CHANGE_REFUSED:
		return refused;
	case CHANGES:
		break;
	}
	return false;
}

static int64_t refused_handler(struct authz *az, void *arg, struct hypercall *hc)
{
	(void)az;
	(void)arg;
	(void)hc;
	return 0;
}

/* Makes it, and unmakes what it made: `was` is the row without it. */
static void change_make(struct op_row *row, struct op_hypercall *h, enum change what)
{
	switch (what) {
	case CHANGE_PERM:
		row->perm = perm_other(row->perm);
		break;
	case CHANGE_TARGET:
		row->target = target_other(row->target);
		break;
	case CHANGE_COMPAT:
		row->flags ^= ROW_COMPAT;
		break;
	case CHANGE_BACK:
		row->flags ^= ROW_COPY_BACK;
		break;
	case CHANGE_BACK_ON_ERROR:
		row->flags ^= ROW_COPY_BACK_ON_ERROR;
		break;
	case CHANGE_QUIET:
		row->operation.quiet ^= true;
		break;
	case CHANGE_DENIED:
		row->operation.denied = row->operation.denied == XEN_EPERM ? XEN_EACCES : XEN_EPERM;
		break;
	case CHANGE_REFUSED:
		row->flags &= (uint16_t)~ROW_REFUSED;
		row->handler = refused_handler;
		break;
	case CHANGE_USE:
		h->use = perm_other(h->use);
		break;
	case CHANGES:
		break;
	}
}

static struct op_row *row_of(unsigned int n)
{
	return (struct op_row *)(uintptr_t)&op_rows[(n - table_first) / CHANGES];
}

static struct op_hypercall *hypercall_of(const struct op_row *row)
{
	return (struct op_hypercall *)(uintptr_t)op_hypercall_find(row->hypercall);
}

static void table_writable(void)
{
	const void *places[] = { op_rows, op_hypercall_find(0) ? op_hypercall_find(0) : op_hypercall_find(op_rows[0].hypercall) };
	size_t lengths[] = { op_row_count * sizeof(*op_rows), OP_HYPERCALLS * sizeof(struct op_hypercall) };
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	for (unsigned int i = 0; i < 2; i++) {
		uintptr_t start = ((uintptr_t)places[i] - (i ? lengths[i] : 0)) & ~(page - 1), end = (uintptr_t)places[i] + lengths[i];

		while (start < end) {		/* what is not there before the table does not matter */
			mprotect((void *)start, page, PROT_READ | PROT_WRITE);
			start += page;
		}
	}
}

static void table_list(void)
{
	for (unsigned int i = 0; i < op_row_count * CHANGES; i++) {
		const struct op_row *row = &op_rows[i / CHANGES];

		if (change_applies(row, i % CHANGES))
			printf("%u\thypervisor/hypercall/operations.def\t0\t%s\t%s\t%s:%s\n", table_first + i, row->operation.name, change_names[i % CHANGES],
			       perm_class_name(row->perm), perm_name(row->perm));
	}
}

void mutant_meet(unsigned int n)
{
	unsigned int row = mutant_operation - 1;

	mutant.met[n] = 1;
	if (mutant_operation)
		__atomic_fetch_or(&met_rows[n][row / 64], 1ull << (row % 64), __ATOMIC_RELAXED);
}

/* --- only while a hypercall runs -------------------------------------------------------------------------------------------- */

void __real_hypercall_dispatch(struct vcpu *v, struct hypercall *hc);
void __wrap_hypercall_dispatch(struct vcpu *v, struct hypercall *hc);
const struct op_row *__real_op_find(const struct op_hypercall *h, uint32_t sub, const void *head);
const struct op_row *__wrap_op_find(const struct op_hypercall *h, uint32_t sub, const void *head);
void __real_edge_die(void) __attribute__((noreturn));
void __wrap_edge_die(void) __attribute__((noreturn));
void __real_edge_machine_restart(bool restart) __attribute__((noreturn));
void __wrap_edge_machine_restart(bool restart) __attribute__((noreturn));

void __wrap_hypercall_dispatch(struct vcpu *v, struct hypercall *hc)
{
	bool table = mutant.alive >= table_first && mutant_depth == 0;
	struct op_row *row = table ? row_of(mutant.alive) : NULL, row_was;
	struct op_hypercall *h = table ? hypercall_of(row) : NULL, h_was;

	if (table) {
		row_was = *row;
		h_was = *h;
		change_make(row, h, (mutant.alive - table_first) % CHANGES);
	}
	mutant_operation = 0;
	mutant_depth++;
	__real_hypercall_dispatch(v, hc);
	mutant_depth--;
	if (table) {
		*row = row_was;
		*h = h_was;
	}
}

const struct op_row *__wrap_op_find(const struct op_hypercall *h, uint32_t sub, const void *head)
{
	const struct op_row *row = __real_op_find(h, sub, head);

	mutant_operation = row ? (unsigned int)(row - op_rows) + 1 : 0;
	if (row && mutant.met)
		memset(mutant.met + table_first + (unsigned int)(row - op_rows) * CHANGES, 1, CHANGES);
	return row;
}

static bool row_met(unsigned int n, unsigned int row)
{
	return met_rows[n][row / 64] >> (row % 64) & 1;
}

static bool row_concerned(const char *name)
{
	unsigned int nr_met = 0, rank = 0, index = op_row_count;

	if (mutant.alive >= table_first)
		return strcmp(row_of(mutant.alive)->operation.name, name) == 0;
	for (unsigned int i = 0; i < op_row_count; i++) {
		if (strcmp(op_rows[i].operation.name, name) == 0) {
			index = i;
			rank = nr_met;
		}
		nr_met += row_met(mutant.alive, i);
	}
	if (index == op_row_count || nr_met == 0)
		return true;
	return row_met(mutant.alive, index) && rank % ((nr_met + 11) / 12) == 0;
}

/*
 * For test_sweep, which has scenes of each row: a mutant of the table concerns its row alone; of the rows that meet another, a dozen have to do.
 * Names are literals: what one has been told holds for this child.
 */
bool mutant_concerns(const char *name)
{
	static struct {
		const char *name;
		bool concerned;
	} told[1024];
	unsigned int slot = (unsigned int)((uintptr_t)name / 4) % 1024;

	if (!mutant.alive)
		return true;
	if (told[slot].name != name) {
		told[slot].name = name;
		told[slot].concerned = row_concerned(name);
	}
	return told[slot].concerned;
}

/* Tests leave these by a jump. */
void __wrap_edge_die(void)
{
	mutant_depth = 0;
	__real_edge_die();
}

void __wrap_edge_machine_restart(bool restart)
{
	mutant_depth = 0;
	__real_edge_machine_restart(restart);
}

/* cmocka would call a crash a failure like any other. */
__sighandler_t signal(int number, __sighandler_t handler)
{
	(void)number;
	(void)handler;
	return SIG_DFL;
}

/* --- running ------------------------------------------------------------------------------------------------------------------- */

int __real__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t n, CMFixtureFunction setup, CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t n, CMFixtureFunction setup, CMFixtureFunction teardown);

struct group {
	const char *name;
	const struct CMUnitTest *tests;
	CMFixtureFunction setup, teardown;
	unsigned int nr;
	double *seconds;			/* of each test, in the file */
	unsigned int tries[TESTS_MAX], kills[TESTS_MAX], last[TESTS_MAX];	/* the last mutant it killed */
};

static void quiet(void)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, 1);
	dup2(null, 2);
	close(null);
}

static void limit(double seconds)
{
	struct itimerval t = { .it_value = { .tv_sec = (time_t)seconds, .tv_usec = (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6) + 1 } };

	setitimer(ITIMER_PROF, &t, NULL);	/* of CPU time: others may be busy */
	alarm((unsigned int)(seconds * 20) + 8);	/* it may sleep, too */
}

/* The test that runs. What it found wrong is said at once: its teardown would only meet what the mutant has left. */
static const struct CMUnitTest *running;

static void test_with_teardown(void **test_state)
{
	running->test_func(test_state);
	if (running->teardown_func)
		assert_int_equal(running->teardown_func(test_state), 0);
}

static int test_run(const struct group *g, unsigned int test)
{
	struct CMUnitTest one = g->tests[test];

	running = &g->tests[test];
	one.test_func = test_with_teardown;
	one.teardown_func = NULL;
	return __real__cmocka_run_group_tests(g->name, &one, 1, g->setup, g->teardown);
}

static enum fate child_run(const struct group *g, unsigned int test, unsigned int number)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (!getenv("MUTATE_ONLY"))
			quiet();
		mutant.met = number ? NULL : seen;
		mutant.alive = number;
		limit(!number ? 300 : 0.2 + 3 * g->seconds[test]);
		_exit(test_run(g, test) != 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == 0 ? FATE_MET : FATE_KILLED;
	return WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGALRM ? FATE_HUNG : FATE_CRASHED;
}

/* CPU time of the children so far. */
static double seconds_used(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void *shared(size_t size, int fd)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, fd, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

/* Without a mutant every test has to pass. */
static void baseline(struct group *g)
{
	seen = shared(state_size, -1);
	for (unsigned int i = 0; i < g->nr; i++) {
		double start = seconds_used();

		memset(seen, 0, state_size);
		if (child_run(g, i, 0) != FATE_MET) {
			fprintf(stderr, "%s: %s fails without a mutant\n", g->name, g->tests[i].name);
			exit(2);
		}
		g->seconds[i] = seconds_used() - start + 1e-4;
		memcpy(met[i], seen, state_size);
	}
}

/* How much a second spent on this test promises: by what it has killed so far, and of this one's neighbours. */
static double promise(const struct group *g, unsigned int test, unsigned int number)
{
	double p = (1.0 + g->kills[test]) / (2.0 + g->tries[test]);
	unsigned int away = g->last[test] > number ? g->last[test] - number : number - g->last[test];

	return (g->last[test] && away < 12 ? p + 8 : p) / (0.005 + g->seconds[test]);
}

/* The best test that this mutant concerns and that has not been tried; g->nr: none. */
static unsigned int next_test(const struct group *g, unsigned int number)
{
	unsigned int best = g->nr;

	for (unsigned int i = 0; i < g->nr; i++)
		if (met[i][number] == SEEN && (best == g->nr || promise(g, i, number) > promise(g, best, number)))
			best = i;
	return best;
}

static enum fate test_try(struct group *g, unsigned int test, unsigned int number)
{
	enum fate f = child_run(g, test, number);

	if (!getenv("MUTATE_ONLY"))
		met[test][number] = TRIED;
	g->tries[test]++;
	if (f == FATE_KILLED) {
		g->kills[test]++;
		g->last[test] = number;
	}
	return f;
}

static void mutant_try(struct group *g, unsigned int number)
{
	enum fate best = state[number];
	unsigned int hangs = 0, n = 0;

	for (unsigned int i; best != FATE_KILLED && hangs < 2 && n < tests_of_each && (i = next_test(g, number)) < g->nr; n++) {
		enum fate f = test_try(g, i, number);

		hangs += f == FATE_HUNG;
		if (f <= best)
			continue;
		best = f;
		if (f > FATE_MET)
			printf("%u\t%s\t%s\t%s\n", number, fate_names[f], g->name, g->tests[i].name);
	}
	if (best > state[number])
		state[number] = best;
	fflush(stdout);
}

/* One named: every test, nothing is noted. */
static void mutant_show(struct group *g, unsigned int number)
{
	for (unsigned int i = 0; i < g->nr; i++)
		if (met[i][number])
			test_try(g, i, number);
}

static void listed_read(const char *path)
{
	FILE *f = path ? fopen(path, "r") : NULL;
	unsigned int n;

	listed = f ? calloc(state_size, sizeof(*listed)) : NULL;
	while (listed && fscanf(f, "%u", &n) == 1)
		listed[n % state_size] = true;
	if (f)
		fclose(f);
}

/* The file: seconds, rows in which each was met, then of each test what it meets. */
static bool base_open(struct group *g)
{
	const char *path = getenv("MUTATE_BASE"), *stage = getenv("MUTATE_STAGE");
	size_t rows = state_size * sizeof(*met_rows), size = TESTS_MAX * sizeof(double) + rows + (size_t)g->nr * state_size;
	bool fresh = stage && strcmp(stage, "base") == 0;
	int fd = path ? open(path, fresh ? O_RDWR | O_CREAT | O_TRUNC : O_RDWR, 0666) : -1;
	struct stat st;
	char *p;

	if (fd < 0 || (fresh && ftruncate(fd, (off_t)size)) || fstat(fd, &st) || (size_t)st.st_size != size) {
		fprintf(stderr, "%s: MUTATE_BASE is missing or another program's\n", g->name);
		exit(2);
	}
	p = shared(size, fd);
	g->seconds = (double *)(void *)p;
	met_rows = (void *)(p + TESTS_MAX * sizeof(double));
	for (unsigned int i = 0; i < g->nr; i++)
		met[i] = (unsigned char *)met_rows + rows + (size_t)i * state_size;
	tests_of_each = stage && strcmp(stage, "likely") == 0 ? LIKELY : TESTS_MAX;
	table_alone = stage && strcmp(stage, "table") == 0;
	living_alone = stage && strcmp(stage, "memory") == 0;
	if (living_alone || (stage && strcmp(stage, "all") == 0))
		listed_read(getenv("MUTATE_LISTED"));
	return fresh;
}

static void environment_read(void)
{
	const char *path = getenv("MUTATE_STATE"), *list = getenv("MUTATE_LIST"), *share = getenv("MUTATE_PART"), *first = getenv("MUTATE_TABLE");
	struct stat st;
	int fd;

	table_first = (unsigned int)atoi(list ? list : first ? first : "0");
	if (list) {
		table_list();
		exit(0);
	}
	if (getenv("MUTATE_EVERY"))
		every = (unsigned int)atoi(getenv("MUTATE_EVERY"));
	if (share)
		sscanf(share, "%u/%u", &part, &parts);
	fd = path ? open(path, O_RDWR) : -1;
	if (fd < 0 || fstat(fd, &st) || !table_first) {
		fprintf(stderr, "MUTATE_STATE or MUTATE_TABLE is missing\n");
		exit(2);
	}
	state_size = (unsigned int)st.st_size;
	state = shared(state_size, fd);
}

static bool is_mine(unsigned int m)
{
	if (listed && listed[m])
		return false;
	if (living_alone && (state[m] > FATE_MET || m >= table_first))
		return false;
	if (state[m] == FATE_KILLED || m / 2 % parts != part || (table_alone && m < table_first))
		return false;
	return m < table_first ? m % every == 0 : change_applies(row_of(m), (m - table_first) % CHANGES);
}

int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t n, CMFixtureFunction setup, CMFixtureFunction teardown)
{
	struct group g = { .name = name, .tests = tests, .setup = setup, .teardown = teardown, .nr = (unsigned int)n };
	const char *only = getenv("MUTATE_ONLY");

	if (n > TESTS_MAX)
		abort();
	environment_read();
	table_writable();
	if (base_open(&g))
		baseline(&g);
	else if (only)
		mutant_show(&g, (unsigned int)atoi(only) % state_size);
	else
		for (unsigned int m = 1; m < state_size; m++)
			if (is_mine(m))
				mutant_try(&g, m);
	return 0;
}
