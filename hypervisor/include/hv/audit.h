/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audit records: AVC format and life-cycle records, into a ring of their own that one reader empties (docs/AUDIT.md), and onto the console ring.
 * Locking: leaf locks inside; may be called with any lock held but the console's. Trust: what a record says is ours; how many there are is the
 * guests' choice: each domain has a budget.
 */
#ifndef HV_AUDIT_H
#define HV_AUDIT_H

#include <abi/ravelin.h>
#include <hv/gate.h>
#include <hv/options.h>
#include <hv/types.h>

/* As auditd calls them. */
enum audit_type {
	AUDIT_AVC,		/* AVC */
	AUDIT_BOOT,		/* SYSTEM_BOOT: the first record of a boot */
	AUDIT_POLICY,		/* MAC_POLICY_LOAD: loaded, or refused */
	AUDIT_ENFORCING,	/* MAC_STATUS */
	AUDIT_CONFIG,		/* MAC_CONFIG_CHANGE: booleans, object contexts; or refused */
	AUDIT_DOMAIN,		/* VIRT_CONTROL: created, destroyed; an absent operation refused */
	AUDIT_LABEL,		/* VIRT_MACHINE_ID: a domain takes a label */
	AUDIT_REVOKED,		/* VIRT_RESOURCE */
	AUDIT_NOTE,		/* KERNEL: about the log itself */
};

struct audit_avc {
	bool granted;			/* auditallow, or denied but permissive */
	bool permissive;
	enum perm perm, second;		/* second: of the same class, or PERM_INVALID */
	domid_t caller;			/* whose budget it takes */
	domid_t source, target;		/* DOMID_INVALID: not a domain */
	sid_t ssid, tsid;
	const char *operation;		/* row's name or NULL */
	const char *object;		/* "port", "gref" … or NULL */
	uint64_t object_value;
	const char *engine;		/* who refused, if not Flask, and why; NULL */
};

struct audit_event {
	enum audit_type type;
	domid_t caller;			/* whose budget it takes; DOMID_INVALID: the hypervisor's reserve */
	sid_t ssid, tsid;		/* printed as old-ctx= and vm-ctx=; 0: none */
};

/* One line: avc:  denied  { map_read } for domid=1 target=2 comm="d1" op=grant_table_op.map gref=8 scontext=… tcontext=… tclass=grant permissive=0 */
/*@ assigns \nothing; */
void audit_avc(const struct audit_avc *a);
/*@ assigns \nothing; */
void audit_event(const struct audit_event *e, const char *fmt, ...) __printf(2, 3);	/* "ravelin: policy load …": no newline */

/* Boot, one CPU, cpu_count known and policy in force: the ring, a line buffer for each CPU, the first record. -XEN_ENOMEM */
int __must_check audit_init(void);
/* For panic(): what of the log is lost. */
void audit_crash(void);

/*
 * audit_full=block or panic: a guest whose budget is used up makes no hypercall until the reader has made room; with block, at most AUDIT_WAIT_NS.
 * The control domain, which reads the log, never waits.
 */
bool audit_must_wait(struct vcpu *v);
static inline bool audit_waits(struct vcpu *v)
{
	return options.audit_full != RAVELIN_AUDIT_DROP && v && audit_must_wait(v);
}
#define AUDIT_WAIT_NS	10000000000u

/* The reader's operations: abi/ravelin.h. -XEN_ERESTART: another one is at work, or it takes long. */
int __must_check audit_state(struct ravelin_audit_state *s);
int __must_check audit_read(struct vcpu *v, struct ravelin_audit_read *r);
int __must_check audit_release(uint64_t before);
int __must_check audit_link(domid_t caller, const struct ravelin_audit_link *l);

#endif
