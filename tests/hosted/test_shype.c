/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sHype engine against a model that looks at everything again each time: random policies, random sequences of start, end, relabel, share, load.
 * And its reader against policies that are damaged.
 * Locking: the race's threads are CPUs. Trust: tests only.
 */
#include "guestcalls.h"
#include "shype_maker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include <hv/flask.h>
#include <hv/shype.h>

#include "../../xsm/shype/shype.h"

#define DOMAINS		12u
#define LABEL_MOST	12u
#define CONTEXTS	24u
#define ROUNDS		60u
#define STEPS		400u
#define NONE		(-1)

static struct {
	struct domain *dom0, *d[DOMAINS];
	int context[DOMAINS];			/* the label it carries */
	bool runs[DOMAINS];
	struct shype_plan plan;			/* in force */
	bool loaded;
	sid_t sid[CONTEXTS];
	unsigned int categories[CONTEXTS];	/* bit n: c<n> */
	unsigned int started, refused, shared, apart, loads, load_refusals, forced;
} m;

static uint32_t random_state;

static uint32_t rnd(uint32_t n)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % n;
}

/* --- the model: it knows neither bit sets nor counts ------------------------------------------------------------------------ */

static int model_label(const struct shype_plan *p, unsigned int categories)
{
	int best = -1, label = NONE;

	for (unsigned int want = 0; want <= SHYPE_CATEGORIES; want++)
		for (unsigned int i = 0; i < p->patterns; i++) {
			bool fits = strcmp(p->pattern[i].type, "guest_t") == 0 && p->pattern[i].categories == want;

			for (unsigned int c = 0; c < p->pattern[i].categories; c++)
				fits &= categories >> p->pattern[i].category[c] & 1;
			if (fits && best < (int)want) {
				best = (int)want;
				label = (int)p->pattern[i].label;
			} else if (fits && label != (int)p->pattern[i].label) {
				label = NONE;
			}
		}
	return label;
}

static bool model_shares(const struct shype_plan *p, unsigned int a, unsigned int b)
{
	int la = model_label(p, m.categories[a]), lb = model_label(p, m.categories[b]);

	if (la == NONE || lb == NONE)
		return false;
	for (unsigned int t = 0; t < p->ste; t++)
		if (p->has_ste[la][t] && p->has_ste[lb][t])
			return true;
	return false;
}

static bool model_conflict(const struct shype_plan *p, int a, int b)
{
	for (unsigned int s = 0; s < p->sets; s++)
		for (unsigned int t = 0; t < p->wall; t++)
			for (unsigned int u = 0; u < p->wall; u++)
				if (t != u && p->in_set[s][t] && p->in_set[s][u] && p->has_wall[a][t] && p->has_wall[b][u])
					return true;
	return false;
}

/* May it run under this context beside all that run but itself (and below a number, for a judgement in order)? */
static bool model_may_run(const struct shype_plan *p, unsigned int self, unsigned int context, const bool *beside)
{
	int label = model_label(p, m.categories[context]);

	if (label == NONE)
		return false;
	for (unsigned int i = 0; i < DOMAINS; i++) {
		int other = model_label(p, m.categories[m.context[i]]);

		if (i != self && beside[i] && other != NONE && model_conflict(p, label, other))
			return false;
	}
	return true;
}

/* --- random policies ------------------------------------------------------------------------------------------------------- */

static bool plan_contradicts(const struct shype_plan *p, unsigned int label)
{
	return model_conflict(p, (int)label, (int)label);
}

static void plan_make(struct shype_plan *p)
{
	memset(p, 0, sizeof(*p));
	p->ste = 1 + rnd(64);
	p->wall = 2 + rnd(62);
	p->sets = rnd(9);
	p->labels = 2 + rnd(LABEL_MOST - 2);
	for (unsigned int s = 0; s < p->sets; s++)
		for (unsigned int n = 0; n < 2 || rnd(3); n++)
			p->in_set[s][(n * 7 + rnd(p->wall < 7 ? 1 : 7)) % p->wall] = 1;
	for (unsigned int s = 0; s < p->sets; s++)
		p->in_set[s][0] = p->in_set[s][1] = 1;
	for (unsigned int l = 0; l < p->labels; l++) {
		for (unsigned int n = rnd(4); n > 0; n--)
			p->has_ste[l][rnd(p->ste)] = 1;
		for (unsigned int n = rnd(3); n > 0; n--) {
			unsigned int t = rnd(p->wall < 8 ? p->wall : 8);

			p->has_wall[l][t] = 1;
			if (plan_contradicts(p, l))
				p->has_wall[l][t] = 0;
		}
	}
	memset(p->has_wall[p->labels - 1], 0, sizeof(p->has_wall[0]));	/* the control domain's: it must always be able to go on */
	p->pattern[0].label = p->labels - 1;
	p->pattern[0].type = "dom0_t";
	p->patterns = 1;
	for (unsigned int i = 0; i < 20; i++) {
		unsigned int at = p->patterns++, want = rnd(4), next = 0;

		p->pattern[at].label = rnd(p->labels);
		p->pattern[at].type = rnd(8) ? "guest_t" : "xenstore_t";
		for (unsigned int c = 0; c < want && next < 6; c++, next++) {
			next += rnd(2);
			p->pattern[at].category[p->pattern[at].categories++] = next;
		}
	}
}

/* --- the machine ------------------------------------------------------------------------------------------------------------ */

static void contexts_make(void)
{
	for (unsigned int i = 0; i < CONTEXTS; i++) {
		char text[128];
		int n = snprintf(text, sizeof(text), "system_u:system_r:guest_t:s0");

		m.categories[i] = i == 0 ? 0 : rnd(256);
		for (unsigned int c = 0, first = 1; c < 8; c++)
			if (m.categories[i] >> c & 1) {
				n += snprintf(text + n, sizeof(text) - (size_t)n, "%cc%u", first ? ':' : ',', c);
				first = 0;
			}
		assert_int_equal(flask_context_to_sid(text, strlen(text), &m.sid[i]), 0);
	}
}

static int setup(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	hosted_machine_init();
	contexts_make();
	m.dom0 = hosted_domain(0, CONTROL, 1, 1);
	shype_domain_boot(m.dom0);
	for (unsigned int i = 0; i < DOMAINS; i++)
		m.d[i] = hosted_domain((domid_t)(i + 1), NULL, 1, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < DOMAINS; i++)
		hosted_domain_kill(m.d[i]);
	m.dom0->is_control = false;
	hosted_domain_kill(m.dom0);
	assert_int_equal(shype_init(NULL, 0), 0);
	return 0;
}

static void step_start(unsigned int i, unsigned int context, bool start)
{
	struct shype_reason why;
	bool changes = start == !m.runs[i];
	bool want = !m.loaded || !changes || model_may_run(&m.plan, i, context, m.runs);
	bool got;

	if (start && m.runs[i])
		return;
	got = shype_enter(m.d[i], m.sid[context], start, &why);
	assert_int_equal(got, want);
	m.refused += !got;
	if (!got)
		return;
	m.d[i]->label.sid = m.d[i]->label.run_sid = m.sid[context];
	m.context[i] = (int)context;
	m.started += start;
	m.runs[i] |= start;
}

static void step_share(void)
{
	unsigned int a = rnd(CONTEXTS), b = rnd(CONTEXTS);
	struct shype_reason why;
	bool got = shype_may_share(m.sid[a], m.sid[b], &why);

	assert_int_equal(got, !m.loaded || model_shares(&m.plan, a, b));
	got ? m.shared++ : m.apart++;
}

/* The pairs that share something as the load comes: their sweep is played here. */
static void step_load(void)
{
	static struct shype_plan next;
	bool revoke = rnd(2), stays[DOMAINS] = { false };
	struct flask_error err = { 0 };
	const struct ravelin_shype_conflict *list;
	unsigned int conflicts = 0, a = rnd(DOMAINS), b = rnd(DOMAINS);
	unsigned char *bytes;
	size_t len;
	int rc;

	plan_make(&next);
	bytes = shype_make(&next, &len);
	assert_int_equal(shype_load_begin(bytes, len, &err), 0);
	free(bytes);
	if (a != b && shype_may_keep(m.d[a], m.d[b]))
		conflicts += !model_shares(&next, (unsigned int)m.context[a], (unsigned int)m.context[b]);
	for (unsigned int i = 0; i < DOMAINS; i++) {
		stays[i] = m.runs[i] && model_may_run(&next, i, (unsigned int)m.context[i], stays);
		conflicts += m.runs[i] && !stays[i];
	}
	rc = shype_load_decide(revoke);
	assert_int_equal(shype_conflicts(&list), conflicts);
	assert_int_equal(rc, conflicts && !revoke ? -XEN_EBUSY : 0);
	shype_load_reclaim();
	m.load_refusals += rc != 0;
	if (rc)
		return;
	m.loads++;
	m.forced += conflicts != 0;
	m.loaded = true;
	m.plan = next;
	for (unsigned int i = 0; i < DOMAINS; i++) {
		assert_int_equal(m.d[i]->controller_pauses, m.runs[i] && !stays[i]);
		if (m.d[i]->controller_pauses) {
			m.d[i]->controller_pauses--;
			domain_unpause(m.d[i]);
		}
		m.runs[i] = stays[i];
	}
}

static void step(void)
{
	unsigned int i = rnd(DOMAINS);

	switch (rnd(20)) {
	case 0:
		step_load();
		break;
	case 1 ... 7:
		step_start(i, rnd(CONTEXTS), true);
		break;
	case 8 ... 10:
		step_start(i, rnd(CONTEXTS), false);
		break;
	case 11 ... 13:
		shype_domain_gone(m.d[i]);
		m.runs[i] = false;
		break;
	default:
		step_share();
		break;
	}
}

static void test_against_the_model(void **state)
{
	unsigned int totals[7] = { 0 };

	(void)state;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		random_state = round * 7919 + 1;
		for (unsigned int s = 0; s < STEPS; s++)
			step();
		if (round % 10 == 9) {
			for (unsigned int i = 0; i < DOMAINS; i++)
				shype_domain_gone(m.d[i]);
			memset(m.runs, 0, sizeof(m.runs));
		}
	}
	totals[0] = m.started, totals[1] = m.refused, totals[2] = m.shared, totals[3] = m.apart;
	totals[4] = m.loads, totals[5] = m.load_refusals, totals[6] = m.forced;
	for (unsigned int i = 0; i < 7; i++)	/* nothing that the model allows for went untried */
		assert_true(totals[i] > 50);
}

static void test_labels_of_contexts(void **state)
{
	static const struct { const char *context; int label; } cases[] = {
		{ "u:r:guest_t:s0", 0 }, { "u:r:guest_t", 0 }, { "u:r:guest_t:s0-s0:c1", 0 }, { "u:r:guest_t:s0:c1", 1 }, { "u:r:guest_t:s0:c0.c4", 1 },
		{ "u:r:guest_t:s0:c1,c9", 2 }, { "u:r:guest_t:s0:c0.c5,c7.c10-s0:c0.c20", 2 }, { "u:r:guest_t:s0:c11", 0 }, { "u:r:guest_t:s0:c10", 0 },
		{ "u:r:guest_t:s0:c9", NONE },	/* two labels ask for it alone */
		{ "u:r:guest_t:s0:red", 0 }, { "u:r:guest:s0", NONE }, { "u:r:guest_t2:s0", NONE }, { "u:r", NONE }, { "", NONE }, { "u:r:", NONE },
		{ "u:r:other_t:s0:c1", 3 }, { "u:r:other_t:s0", NONE },
	};
	static struct shype_plan p = { .ste = 1, .labels = 4, .patterns = 6, .pattern = {
		{ 0, 0, { 0 }, "guest_t" }, { 1, 1, { 1 }, "guest_t" }, { 2, 2, { 1, 9 }, "guest_t" }, { 3, 1, { 9 }, "guest_t" }, { 0, 1, { 9 }, "guest_t" },
		{ 3, 1, { 1 }, "other_t" } } };
	struct flask_error err = { 0 };
	struct shype_policy *q;
	size_t len;
	unsigned char *bytes = shype_make(&p, &len);

	(void)state;
	assert_int_equal(shype_read(bytes, len, &q, &err), 0);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(shype_label_of_context(q, cases[i].context), cases[i].label == NONE ? SHYPE_NONE : cases[i].label);
	shype_free(q);
	free(bytes);
}

/* --- the reader ------------------------------------------------------------------------------------------------------------ */

static void refused_for(unsigned char *bytes, size_t len, size_t at, const void *value, size_t n, const char *reason)
{
	unsigned char kept[64];
	struct flask_error err = { 0 };
	struct shype_policy *q;

	memcpy(kept, bytes + at, n);
	memcpy(bytes + at, value, n);
	assert_int_equal(shype_read(bytes, len, &q, &err), -XEN_EINVAL);
	assert_string_equal(err.reason, reason);
	assert_true(err.offset <= at && err.section);
	memcpy(bytes + at, kept, n);
}

static void test_refusals_name_place_and_reason(void **state)
{
	static const struct shype_plan p = { .ste = 2, .wall = 3, .sets = 1, .labels = 2, .patterns = 2, .in_set = { { 1, 1 } },
					     .has_wall = { { 1 }, { 0, 1 } }, .pattern = { { 0, 2, { 1, 2 }, "guest_t" }, { 1, 0, { 0 }, "dom0_t" } } };
	const size_t names = sizeof(struct shype_header), sets = names + 5 * sizeof(struct shype_name_record),
		     labels = sets + sizeof(struct shype_set_record), patterns = labels + 2 * sizeof(struct shype_label_record);
	uint64_t both = 3, one = 1, high = 16;
	uint32_t three = 3, two = SHYPE_OBJECT;
	uint16_t many = 9, same[2] = { 2, 2 };
	size_t len;
	unsigned char *b = shype_make(&p, &len);

	(void)state;
	refused_for(b, len, 0, "X", 1, "this is no sHype policy");
	refused_for(b, len, 4, &three, 4, "a version that is not known");
	refused_for(b, len, 8, &three, 4, "the counts do not add up to the file's size");
	refused_for(b, len, offsetof(struct shype_header, sets), &many, 2, "the counts do not add up to the file's size");
	refused_for(b, len, offsetof(struct shype_header, ste_types), "\xff\xff", 2, "too many types");
	refused_for(b, len, offsetof(struct shype_header, labels), "\0\0", 2, "no label, or too many");
	refused_for(b, len, names + 4, "/", 1, "a name is empty, too long, or has a character that no name has");
	refused_for(b, len, names + 20, "x", 1, "a name is empty, too long, or has a character that no name has");
	refused_for(b, len, names + sizeof(struct shype_name_record) + 4, "0", 1, "two have the same name");
	refused_for(b, len, sets + SHYPE_NAME, &one, 8, "a conflict set needs two types");
	refused_for(b, len, sets + SHYPE_NAME, &high, 8, "a conflict set names a type that there is not");
	refused_for(b, len, labels + SHYPE_NAME, &high, 8, "a label names a type that there is not");
	refused_for(b, len, labels + offsetof(struct shype_label_record, wall), &both, 8, "a label has two types of one conflict set: it could never run");
	refused_for(b, len, labels + offsetof(struct shype_label_record, kind), &three, 4, "a label is neither a machine's nor a resource's");
	refused_for(b, len, labels + offsetof(struct shype_label_record, kind), &two, 4, "a resource has a Chinese Wall type");
	refused_for(b, len, patterns, &many, 2, "a pattern is for a label that no machine has");
	refused_for(b, len, patterns + 2, &many, 2, "a pattern's categories are too many, too high, or not in order");
	refused_for(b, len, patterns + 4, same, 4, "a pattern's categories are too many, too high, or not in order");
	refused_for(b, len, patterns + offsetof(struct shype_pattern_record, type), "\0", 1, "a pattern's type is no name");
	free(b);
}

/* Cut anywhere, or with any byte changed: refused with a reason, or a policy that can be asked. */
static void test_damage(void **state)
{
	static struct shype_plan p;
	struct flask_error err;
	struct shype_policy *q;
	size_t len;
	unsigned char *whole;
	unsigned int accepted = 0;

	(void)state;
	random_state = 5;
	plan_make(&p);
	whole = shype_make(&p, &len);
	for (size_t n = 0; n < len; n++) {
		unsigned char *cut = malloc(n ? n : 1);	/* of its own size: a byte too far is seen */

		memcpy(cut, whole, n);
		assert_int_equal(shype_read(cut, n, &q, &err), -XEN_EINVAL);
		assert_non_null(err.reason);
		free(cut);
	}
	for (size_t at = 0; at < len; at++) {
		unsigned char was = whole[at];

		whole[at] = (unsigned char)rnd(256);
		if (shype_read(whole, len, &q, &err) == 0) {
			for (uint16_t i = 0; i < q->nr_labels; i++)
				if (shype_wall_open(q, i)) {
					shype_wall_enter(q, i);
					assert_false(shype_share(q, i, SHYPE_NONE));
					shype_wall_leave(q, i);
				}
			accepted++;
			shype_free(q);
		}
		whole[at] = was;
	}
	assert_in_range(accepted, 1, len - 1);
	free(whole);
}

/* --- two starts at once -------------------------------------------------------------------------------------------------------- */

static _Atomic int inside[2];
static _Atomic unsigned int entered, broken;

static void *racer(void *arg)
{
	unsigned int me = (unsigned int)(uintptr_t)arg;
	struct shype_reason why;

	hosted_cpu_set(me);
	for (unsigned int i = 0; i < 20000; i++) {
		if (!shype_enter(m.d[me], m.sid[me], true, &why))
			continue;
		atomic_store(&inside[me], 1);
		broken += atomic_load(&inside[!me]) != 0;
		entered++;
		atomic_store(&inside[me], 0);
		shype_domain_gone(m.d[me]);
	}
	return NULL;
}

static void test_only_one_of_two_starts(void **state)
{
	static struct shype_plan p = { .ste = 1, .wall = 2, .sets = 1, .labels = 3, .patterns = 3, .in_set = { { 1, 1 } }, .has_wall = { { 1 }, { 0, 1 } },
		.pattern = { { 0, 1, { 1 }, "guest_t" }, { 1, 1, { 2 }, "guest_t" }, { 2, 0, { 0 }, "dom0_t" } } };
	pthread_t t[2];
	size_t len;
	unsigned char *bytes = shype_make(&p, &len);

	(void)state;
	assert_int_equal(flask_context_to_sid(TENANT_1, strlen(TENANT_1), &m.sid[0]), 0);
	assert_int_equal(flask_context_to_sid(TENANT_2, strlen(TENANT_2), &m.sid[1]), 0);
	assert_int_equal(shype_init(bytes, len), 0);
	free(bytes);
	for (uintptr_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, racer, (void *)i), 0);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	assert_true(entered > 0);
	assert_int_equal(broken, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refusals_name_place_and_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_labels_of_contexts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_against_the_model, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_one_of_two_starts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
