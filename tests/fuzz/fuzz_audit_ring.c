/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit ring under a reader that asks for anything: state, read, release and link in any order, with any numbers, while records come in. What is
 * read is whole lines, in order, and never the same twice after a release.
 * Locking: none, one CPU acts. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include <abi/ravelin.h>
#include <hv/audit.h>
#include <hv/cpu.h>
#include <hv/options.h>

#include "hosted.h"

#define OP_GPA	0x1000u
#define LINE_GPA 0x3ff0u

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct domain *control;
static const uint8_t *in;
static size_t left;

static void machine_make(void)
{
	options.audit_bytes = 65536;
	hosted_machine_init();
	control = hosted_domain(0, "system_u:system_r:dom0_t:s0-s0:c0.c1023", 16, 1);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	machine_make();
	return 0;
}

static uint64_t take(unsigned int n)
{
	uint64_t v = 0;

	for (; n && left; n--, left--)
		v = v << 8 | *in++;
	return v;
}

static int64_t ravelin(uint32_t cmd, struct ravelin_op *op)
{
	int64_t rc;

	op->cmd = cmd;
	op->interface_version = RAVELIN_INTERFACE_VERSION;
	hosted_write(control, OP_GPA, op, sizeof(*op));
	rc = hosted_hypercall(control, RAVELIN_HYPERCALL, OP_GPA, 0, 0, 0, 0);
	hosted_read(control, OP_GPA, op, sizeof(*op));
	return rc;
}

/* Near what there is, or anything. */
static uint64_t take_seq(void)
{
	struct ravelin_op op = { 0 };

	if (ravelin(RAVELIN_AUDIT_STATE, &op) != 0)
		abort();
	if (op.u.audit_state.first > op.u.audit_state.next)
		abort();
	switch (take(1) % 4) {
	case 0:
		return op.u.audit_state.first + take(1) % 8 - 4;
	case 1:
		return op.u.audit_state.next + take(1) % 8 - 4;
	case 2:
		return take(8);
	default:
		return op.u.audit_state.first + take(1);
	}
}

static void step_read(void)
{
	static char line[4096];
	struct ravelin_op op = { .u.audit_read = { .from = take_seq(), .buffer = take(1) % 8 ? LINE_GPA : take(4), .size = (uint32_t)take(2) } };
	uint32_t room = op.u.audit_read.size;
	uint64_t from = op.u.audit_read.from, buffer = op.u.audit_read.buffer;

	if (ravelin(RAVELIN_AUDIT_READ, &op) != 0)
		return;
	if (op.u.audit_read.size > room || op.u.audit_read.from < from)
		abort();
	if (buffer != LINE_GPA || op.u.audit_read.size > sizeof(line) || op.u.audit_read.size == 0)
		return;
	hosted_read(control, buffer, line, op.u.audit_read.size);
	if (line[op.u.audit_read.size - 1] != '\n' || strncmp(line, "type=", 5) != 0)
		abort();
}

static void step(void)
{
	struct ravelin_op op = { 0 };
	char text[300];
	size_t n;

	switch (take(1) % 6) {
	case 0: case 1:
		step_read();
		break;
	case 2:
		op.u.audit_release.before = take_seq();
		(void)ravelin(RAVELIN_AUDIT_RELEASE, &op);
		break;
	case 3:
		for (size_t i = 0; i < sizeof(op.u); i++)
			((uint8_t *)&op.u)[i] = (uint8_t)take(1);
		(void)ravelin(RAVELIN_AUDIT_LINK, &op);
		break;
	default:
		n = take(1);
		for (size_t i = 0; i < n; i++)
			text[i] = (char)take(1);
		text[n] = '\0';
		for (uint64_t times = take(1); ; times--) {
			audit_event(&(struct audit_event){ .type = AUDIT_CONFIG, .caller = (domid_t)(take(1) % 4), .tsid = (sid_t)take(1) }, "%s", text);
			if (times == 0)
				break;
		}
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static unsigned int inputs;

	if (++inputs % 64 == 0)
		machine_make();		/* a ring that was made anew stays behind in the heap */
	in = bytes;
	left = len;
	hosted_console_clear();
	if (audit_init() != 0)
		abort();
	for (unsigned int i = 0; i < 64 && left; i++)
		step();
	return 0;
}
