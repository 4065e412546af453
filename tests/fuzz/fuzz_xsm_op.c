/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xsm_op as a control domain's tools call it: one operation after another, each with a text or a policy of the input's. The engine stays whole: it
 * answers afterwards, and a label that was given out has a text that is the label's.
 * Locking: none, one CPU acts. Trust: tests only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hv/flask.h>
#include <xen/xsm/flask_op.h>

#include "hosted.h"

#define PAGES	64u
#define OP_GPA	0x1000u
#define TEXT_GPA 0x2ff0u	/* across a page's end */
#define TEXT_MAX ((PAGES << PAGE_SHIFT) - TEXT_GPA)
#define STEPS	12u

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct domain *control;
static const uint8_t *in;
static size_t left;
static uint32_t loads;

static void machine_make(void)
{
	hosted_machine_init_policy("build/tests/bool.policy");
	control = hosted_domain(0, "system_u:system_r:dom0_t:s0-s0:c0.c1023", PAGES, 1);
	loads = flask_seqno();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	machine_make();
	return 0;
}

static uint32_t take(unsigned int n)
{
	uint32_t v = 0;

	for (; n && left; n--, left--)
		v = v << 8 | *in++;
	return v;
}

/* As many bytes as the input says, from the input; where a pointer leads. */
static uint32_t text_put(void)
{
	uint32_t n = take(2);

	if (n > left)
		n = (uint32_t)left;
	if (n > TEXT_MAX)
		n = TEXT_MAX;
	hosted_write(control, TEXT_GPA, in, n);
	in += n;
	left -= n;
	return n;
}

static void sid_check(uint32_t sid)
{
	char text[512], second[512];
	size_t needed;
	sid_t again;

	if (flask_sid_to_context(sid, text, sizeof(text), &needed) != 0)
		return;
	/* Initial SIDs may share a label. */
	if (flask_context_to_sid(text, needed, &again) != 0 || flask_sid_to_context(again, second, sizeof(second), &needed) != 0 ||
	    strcmp(text, second) != 0)
		abort();
}

static void step(void)
{
	struct xen_flask_op op = { .cmd = take(1) % 32, .interface_version = XEN_FLASK_INTERFACE_VERSION };
	uint32_t words[4] = { take(1), take(1), take(1), take(1) }, n = text_put();

	memcpy(&op.u, words, sizeof(words));
	switch (op.cmd) {
	case FLASK_LOAD:
		op.u.load.size = n;
		op.u.load.buffer.p = (void *)(uintptr_t)TEXT_GPA;
		break;
	case FLASK_CONTEXT_TO_SID: case FLASK_SID_TO_CONTEXT:
		op.u.sid_context.size = n;
		op.u.sid_context.context.p = (void *)(uintptr_t)TEXT_GPA;
		break;
	case FLASK_GETBOOL: case FLASK_SETBOOL:
		op.u.boolean.bool_id = (int32_t)words[0] - 1;
		op.u.boolean.size = n;
		op.u.boolean.name.p = (void *)(uintptr_t)TEXT_GPA;
		break;
	case FLASK_ADD_OCONTEXT: case FLASK_DEL_OCONTEXT:
		op.u.ocontext = (struct xen_flask_ocontext){ .ocon = words[0] % 8, .sid = words[1] % 64, .low = words[2], .high = words[2] + words[3] % 32 };
		break;
	default:
		break;
	}
	hosted_write(control, OP_GPA, &op, sizeof(op));
	if (hosted_hypercall(control, __HYPERVISOR_xsm_op, OP_GPA, 0, 0, 0, 0) == 0 && op.cmd == FLASK_CONTEXT_TO_SID) {
		hosted_read(control, OP_GPA, &op, sizeof(op));
		sid_check(op.u.sid_context.sid);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static unsigned int inputs;

	/* What an input did to the policy is not the next one's; the table of labels fills. */
	if (flask_seqno() != loads || !flask_enforcing() || ++inputs % 256 == 0)
		machine_make();
	in = bytes;
	left = len;
	hosted_console_clear();
	for (unsigned int i = 0; i < STEPS && left; i++)
		step();
	for (unsigned int i = 1; i < 40; i++)
		sid_check(i);
	return 0;
}
