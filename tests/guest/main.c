/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: the command line, running what it names, the count at the end.
 * Locking: none. Trust: a guest.
 */
#include "guest.h"

#include <xen/arch-x86/cpuid.h>
#include <xen/sched.h>

const struct pvh_start_info *start_info;
const char *command_line = "";

bool is_dom0(void)
{
	return start_info->flags & PVH_FLAG_INITDOMAIN;
}

bool is_bare(void)
{
	static enum { UNKNOWN, BARE, GUEST } known;
	uint32_t r[4];

	if (known == UNKNOWN) {
		cpuid(0x40000000, 0, r);
		known = r[1] == XEN_CPUID_SIGNATURE_EBX ? GUEST : BARE;
	}
	return known == BARE;
}

domid_t own_domid(void)
{
	uint32_t r[4];

	cpuid(0x40000004, 0, r);		/* XEN_HVM_CPUID_DOMID_PRESENT: ECX */
	return r[0] & 1u << 4 ? (domid_t)r[2] : 0;
}

/* A word that begins so and goes on with one of the characters of `behind`. */
static const char *word_find(const char *word, char behind, char or_behind)
{
	size_t len = strlen(word);

	for (const char *p = command_line; *p; p++)
		if ((p == command_line || p[-1] == ' ') && !strncmp(p, word, len) && (p[len] == behind || p[len] == or_behind))
			return p;
	return NULL;
}

const char *argument_text(const char *name)
{
	const char *p = word_find(name, '=', '=');

	return p ? p + strlen(name) + 1 : NULL;
}

uint64_t argument(const char *name, uint64_t otherwise)
{
	const char *p = argument_text(name);
	uint64_t n = 0;

	if (!p)
		return otherwise;
	for (; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	return n;
}

static bool is_named(const char *name)
{
	return word_find(name, ' ', '\0');
}

_Noreturn void guest_shutdown(unsigned int reason)
{
	struct sched_shutdown s = { .reason = reason };

	if (!is_bare())
		(void)hypercall2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &s);
	for (;;)
		__asm__ volatile("cli; hlt");
}

static bool run_one(const struct guest_test *t)
{
	uint64_t start = now_ns();
	int line = t->run();

	say("guest: %s %s (%lu ms)", line ? "FAIL" : "ok", t->name, (unsigned long)((now_ns() - start) / 1000000));
	return line == 0;
}

void guest_main(const struct pvh_start_info *info)
{
	unsigned int passed = 0, failed = 0;

	start_info = info;
	if (info->cmdline)
		command_line = (const char *)info->cmdline;
	trap_init();
	memory_init();
	lapic_enable();
	if (!is_bare())
		(void)events_init();	/* the tests that need it say so if it failed */
	say("guest: started: %s", command_line);
	for (unsigned int i = 0; i < guest_tests_nr; i++)
		if (is_named(guest_tests[i].name)) {
			if (run_one(&guest_tests[i]))
				passed++;
			else
				failed++;
		}
	say("guest: %u passed, %u failed", passed, failed);
	guest_shutdown(failed || !passed ? SHUTDOWN_crash : SHUTDOWN_poweroff);
}
