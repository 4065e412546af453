/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit operations of ravelin_op by Debian's libxencall, through /dev/xen/privcmd.
 * Locking: none. Trust: the hypervisor's answers.
 */
#include "audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xencall.h>

struct call_source {
	struct audit_source ops;
	xencall_handle *call;
	struct ravelin_op *op;		/* memory the hypervisor can reach */
	char *buffer;
};

static int source_call(struct audit_source *s, uint32_t cmd)
{
	struct call_source *c = (struct call_source *)s;

	c->op->cmd = cmd;
	c->op->interface_version = RAVELIN_INTERFACE_VERSION;
	return xencall1(c->call, RAVELIN_HYPERCALL, (uint64_t)(uintptr_t)c->op) < 0 ? -errno : 0;
}

static int source_state(struct audit_source *s, struct ravelin_audit_state *state)
{
	struct call_source *c = (struct call_source *)s;
	int rc;

	c->op->u.audit_state = *state;
	rc = source_call(s, RAVELIN_AUDIT_STATE);
	*state = c->op->u.audit_state;
	return rc;
}

static int source_read(struct audit_source *s, uint64_t *from, char *buffer, uint32_t *size)
{
	struct call_source *c = (struct call_source *)s;
	struct ravelin_audit_read *r = &c->op->u.audit_read;
	int rc;

	*r = (struct ravelin_audit_read){ .from = *from, .buffer = (uint64_t)(uintptr_t)c->buffer,
					  .size = *size < RAVELIN_AUDIT_LINE_MAX ? *size : RAVELIN_AUDIT_LINE_MAX };
	rc = source_call(s, RAVELIN_AUDIT_READ);
	if (rc)
		return rc;
	if (r->size > *size)
		return -EPROTO;
	memcpy(buffer, c->buffer, r->size);
	*from = r->from;
	*size = r->size;
	return 0;
}

static int source_release(struct audit_source *s, uint64_t before)
{
	struct call_source *c = (struct call_source *)s;

	c->op->u.audit_release.before = before;
	return source_call(s, RAVELIN_AUDIT_RELEASE);
}

static int source_link(struct audit_source *s, const struct ravelin_audit_link *link)
{
	struct call_source *c = (struct call_source *)s;

	c->op->u.audit_link = *link;
	return source_call(s, RAVELIN_AUDIT_LINK);
}

/* Lives as long as the program. */
struct audit_source *audit_source_open(void)
{
	static struct call_source c = { .ops = { source_state, source_read, source_release, source_link } };

	if (c.call)
		return &c.ops;
	c.call = xencall_open(NULL, 0);
	if (!c.call) {
		rav_fail("run it as root in the control domain", "/dev/xen/privcmd: %s", strerror(errno));
		return NULL;
	}
	c.op = xencall_alloc_buffer(c.call, sizeof(*c.op));
	c.buffer = xencall_alloc_buffer(c.call, RAVELIN_AUDIT_LINE_MAX);
	if (!c.op || !c.buffer) {
		rav_fail(NULL, "no memory for the hypervisor's answers");
		return NULL;
	}
	return &c.ops;
}
