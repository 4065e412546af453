/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: `siege` as control domain: attackers in several domains, of several vCPUs each, storm the hypervisor; who dies is replaced. An innocent
 * guest and the control domain go on all the time, and at the end of each round every page is back. `storm` is the attacker, `innocent` the other.
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
#define ROUND_MS	60000u

static void beat(struct trap_frame *f)
{
	(void)f;
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
		irq_handler[v] = beat;
	storm_machine_init();
	lapic_timer(PERIODIC, BEAT_VECTOR, BEAT_COUNT);
	if (argument("cpus", 1) > 1)
		CHECK(cpu_start(1, second_cpu, &other));
	storm_for_ever(&s);
}

/* --- the innocent: its time goes on, its memory stays, its own calls work --------------------------------------------------------- */
static int innocent_beat(uint64_t *pattern, uint32_t port)
{
	struct evtchn_send send = { .port = port };
	uint64_t before = irq_count[BEAT_VECTOR], from = now_ns();

	while (irq_count[BEAT_VECTOR] == before)
		halt_once();
	CHECK(now_ns() - from < BEAT_LIMIT_NS);
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send));
	CHECK(event_take(port));
	for (unsigned int i = 0; i < PATTERN_PAGES * PAGE_SIZE / 8; i += 61)
		CHECK(pattern[i] == (i ^ 0x5aa5c33c0ff0ull));
	return 0;
}

int test_innocent(void)
{
	uint64_t *pattern = page_alloc(PATTERN_PAGES);
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };
	int line = events_init();

	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &ipi));
	event_mask(ipi.port, true);
	for (unsigned int i = 0; i < PATTERN_PAGES * PAGE_SIZE / 8; i++)
		pattern[i] = i ^ 0x5aa5c33c0ff0ull;
	irq_handler[BEAT_VECTOR] = beat;
	lapic_timer(PERIODIC, BEAT_VECTOR, BEAT_COUNT);
	for (uint64_t n = 0; n < argument("beats", 20) && !line; n++)
		line = innocent_beat(pattern, ipi.port);
	return line;
}

/* --- the control domain ------------------------------------------------------------------------------------------------------------ */
static struct child attacker[ATTACKERS], innocent;
static uint64_t seed;
static unsigned int born, died;

static void number_put(char *text, uint64_t n)
{
	(void)hv_snprintf(text + strlen(text), 24, "%lu", (unsigned long)n);
}

static int attacker_start(struct child *c)
{
	char line[64] = "storm cpus=2 seed=";

	number_put(line, seed * 1000 + ++born);
	CHECK_OK(child_create(c, CHILD_LABEL, PAGES, ATTACKER_CPUS));
	CHECK_OK(child_load(c, line));
	CHECK_OK(child_start(c));
	return 0;
}

static int innocent_start(void)
{
	char line[64] = "innocent beats=";

	number_put(line, argument("beats", 20));
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

/* One look at all of them; who of the attackers is gone is replaced. */
static int attackers_look(void)
{
	uint32_t reason;
	int line = 0;

	for (unsigned int i = 0; i < ATTACKERS && !line; i++)
		if (ended(&attacker[i], &reason)) {
			died++;
			CHECK_OK(child_destroy(&attacker[i]));
			line = attacker_start(&attacker[i]);
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
	return 0;
}

static int round_play(void)
{
	uint64_t before = host_free_pages();
	int line = innocent_start();

	for (unsigned int i = 0; i < ATTACKERS && !line; i++)
		line = attacker_start(&attacker[i]);
	line = line ? line : round_watch();
	for (unsigned int i = 0; i < ATTACKERS; i++)
		CHECK_OK(child_destroy(&attacker[i]));
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
