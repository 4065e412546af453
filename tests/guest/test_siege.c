/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: `siege` as control domain: attackers in several domains, of several vCPUs each, storm the hypervisor; who dies is replaced. An innocent
 * guest and the control domain go on all the time, and at the end of each round every page is back. `storm` is the attacker, `innocent` the other.
 * spoil=leak|memory|innocent|beat: spoiled on purpose, must fail.
 * Locking: one vCPU but for the attackers'. Trust: guests.
 */
#include "tests.h"
#include "child.h"
#include "storm.h"

#include <xen/event_channel.h>
#include <xen/sched.h>

#define BEAT_VECTOR	0x60u
#define PERIODIC	(1u << 17)
#define BEAT_COUNT	5000000u	/* of the APIC's timer */
#define BEAT_LIMIT_NS	4000000000ull	/* more than any guest has to wait for a CPU, three runnable ones before it */
#define ATTACKERS	3u
#define ATTACKER_CPUS	2u
#define PAGES		1024u
#define PATTERN_PAGES	16u
#define PATTERN		0x5aa5c33c0ff0ull
#define MAX_GONE	256u
#define ROUND_MS	60000u
#define LIFE_MS		500u		/* of an attacker: some stop attacking, having switched their timer off, and one that dies in full career is worth seeing */

static void beat(struct trap_frame *f)
{
	(void)f;
	lapic_eoi();
}

/* An attacker's: its timer may have been set to anything, and would take all of its time, or leave it none. */
static void storm_beat(struct trap_frame *f)
{
	(void)f;
	lapic_timer(PERIODIC, BEAT_VECTOR, BEAT_COUNT);
	lapic_eoi();
}

static void unasked(struct trap_frame *f)
{
	(void)f;
}

/* --- the attacker ---------------------------------------------------------------------------------------------------------- */
static _Noreturn void storm_for_ever(struct storm *s)
{
	for (;;) {
		uint64_t pick = storm_random(s, 16);

		if (pick < 10)
			storm_call(s);
		else if (pick < 14)
			storm_machine(s);
		else
			storm_tables(s);
		irq_window();
	}
}

static void second_cpu(void *arg)
{
	static struct storm s;

	lapic_timer(PERIODIC, BEAT_VECTOR, BEAT_COUNT);		/* ends whatever blocks */
	s = *(struct storm *)arg;
	storm_for_ever(&s);
}

int test_storm(void)
{
	struct storm s = { .state = random64() | 1 }, other = { .state = random64() | 1, .cpu = 1 };

	irq_handler[1] = irq_handler[2] = unasked;
	for (unsigned int v = 15; v < 255; v++)		/* below 32: what an upcall vector may be set to */
		irq_handler[v] = storm_beat;
	storm_machine_init();
	lapic_timer(PERIODIC, BEAT_VECTOR, BEAT_COUNT);
	if (argument("cpus", 1) > 1)
		CHECK(cpu_start(1, second_cpu, &other));
	storm_for_ever(&s);
}

/* --- the innocent: its time goes on, its memory stays, its own calls work --------------------------------------------------------- */
static uint64_t *pattern_make(void)
{
	uint64_t *pattern = page_alloc(PATTERN_PAGES);

	for (unsigned int i = 0; i < PATTERN_PAGES * PAGE_SIZE / 8; i++)
		pattern[i] = i ^ PATTERN;
	return pattern;
}

static int pattern_look(const uint64_t *pattern)
{
	for (unsigned int i = 0; i < PATTERN_PAGES * PAGE_SIZE / 8; i += 61)
		CHECK_EQ(pattern[i], i ^ PATTERN);
	return 0;
}

static int innocent_beat(const uint64_t *pattern, uint32_t port)
{
	struct evtchn_send send = { .port = port };
	uint64_t before = irq_count[BEAT_VECTOR], from = now_ns();

	while (irq_count[BEAT_VECTOR] == before)
		halt_once();
	CHECK(now_ns() - from < BEAT_LIMIT_NS);
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send));
	CHECK(event_take(port));
	return pattern_look(pattern);
}

int test_innocent(void)
{
	uint64_t *pattern = pattern_make();
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };
	int line = events_init();

	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &ipi));
	event_mask(ipi.port, true);
	irq_handler[BEAT_VECTOR] = beat;
	lapic_timer(PERIODIC, BEAT_VECTOR, BEAT_COUNT);
	for (uint64_t n = 0; n < argument("beats", 20) && !line; n++)
		line = innocent_beat(pattern, ipi.port);
	return line;
}

/* --- the control domain ------------------------------------------------------------------------------------------------------------ */
static struct {
	struct child child;
	uint64_t since;
} attacker[ATTACKERS];
static struct child innocent, gone[MAX_GONE];		/* whose pages others may still have mapped */
static uint64_t *own_pattern;
static uint64_t seed;
static unsigned int born, died, gone_nr;

static void number_put(char *text, uint64_t n)
{
	(void)hv_snprintf(text + strlen(text), 24, "%lu", (unsigned long)n);
}

static bool spoiled(const char *how)
{
	const char *spoil = argument_text("spoil");

	return spoil && !strncmp(spoil, how, strlen(how));
}

static int attacker_start(unsigned int i)
{
	struct child *c = &attacker[i].child;
	char line[64] = "storm cpus=2 seed=";

	number_put(line, seed * 1000 + ++born);
	CHECK_OK(child_create(c, CHILD_LABEL, PAGES, ATTACKER_CPUS));
	CHECK_OK(child_load(c, line));
	CHECK_OK(child_start(c));
	attacker[i].since = now_ns();
	return 0;
}

static int attacker_end(unsigned int i)
{
	CHECK(gone_nr < MAX_GONE);
	gone[gone_nr++] = attacker[i].child;
	CHECK_OK(child_kill(&attacker[i].child));
	return 0;
}

/* One guest may map what another grants it, and keep it: a dead one stays until all of them are dead. */
static int attackers_gone(void)
{
	int line = 0;

	for (unsigned int i = 0; i < ATTACKERS && !line; i++)
		line = attacker_end(i);
	while (gone_nr && !line)
		CHECK_OK(child_wait_gone(&gone[--gone_nr]));
	return line;
}

static int innocent_start(void)
{
	char line[64] = "innocent beats=";

	number_put(line, argument("beats", 20));
	if (spoiled("innocent"))
		(void)hv_snprintf(line, sizeof(line), "triple");
	CHECK_OK(child_create(&innocent, CHILD_LABEL, PAGES, 1));
	CHECK_OK(child_load(&innocent, line));
	CHECK_OK(child_start(&innocent));
	return 0;
}

static bool ended(struct child *c, uint32_t *reason)
{
	struct xen_domctl_getdomaininfo info;

	if (child_info(c, &info))
		return false;
	*reason = (info.flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
	return info.flags & XEN_DOMINF_shutdown;
}

/* One look at all of them; who of the attackers is gone, or old, is replaced. */
static int attackers_look(void)
{
	uint32_t reason;
	int line = 0;

	for (unsigned int i = 0; i < ATTACKERS && !line; i++) {
		bool dead = ended(&attacker[i].child, &reason);

		if (!dead && now_ns() - attacker[i].since < LIFE_MS * 1000000ull)
			continue;
		died += dead;
		line = attacker_end(i);
		line = line ? line : attacker_start(i);
	}
	return line;
}

static int round_watch(void)
{
	uint64_t end = now_ns() + ROUND_MS * 1000000ull, from, before;
	uint32_t reason = ~0u;
	int line = 0;

	while (!line && !ended(&innocent, &reason)) {
		before = irq_count[BEAT_VECTOR];
		from = now_ns();
		while (irq_count[BEAT_VECTOR] == before)
			halt_once();
		CHECK(now_ns() - from < BEAT_LIMIT_NS);
		CHECK(now_ns() < end);
		line = attackers_look();
	}
	CHECK_EQ(line, 0);
	CHECK_EQ(reason, SHUTDOWN_poweroff);
	return pattern_look(own_pattern);
}

/* Shows that what is looked for would be found. */
static void round_spoil(void)
{
	struct child lost;

	if (spoiled("leak"))
		(void)child_create(&lost, CHILD_LABEL, 1, 1);
	if (spoiled("memory"))
		own_pattern[61] = 0;
	if (spoiled("beat"))
		lapic_timer(0, BEAT_VECTOR, ~0u);
}

static int round_play(void)
{
	uint64_t before = host_free_pages();
	int line = innocent_start();

	for (unsigned int i = 0; i < ATTACKERS && !line; i++)
		line = attacker_start(i);
	round_spoil();
	line = line ? line : round_watch();
	line = line ? line : attackers_gone();
	CHECK_OK(child_destroy(&innocent));
	CHECK_EQ(host_free_pages(), before);
	return line;
}

int test_siege(void)
{
	uint64_t rounds = argument("rounds", 2), start;
	struct child c;
	int line = events_init();

	seed = argument("seed", 1);
	own_pattern = pattern_make();
	irq_handler[BEAT_VECTOR] = beat;
	lapic_timer(PERIODIC, BEAT_VECTOR, BEAT_COUNT);
	CHECK_OK(child_create(&c, CHILD_LABEL, PAGES, 1));	/* what is allocated once is allocated now */
	CHECK_OK(child_destroy(&c));
	for (uint64_t i = 0; i < rounds && !line; i++) {
		start = now_ns();
		line = round_play();
		say("guest: siege seed %lu round %lu: %u attackers, %u of them died, %lu ms", (unsigned long)seed, (unsigned long)i + 1, born, died,
		    (unsigned long)((now_ns() - start) / 1000000));
	}
	lapic_timer(1u << 16, BEAT_VECTOR, 0);
	return line;
}
