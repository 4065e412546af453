/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audit records in AVC format, on the console ring (a ring of their own comes later).
 * Locking: console's leaf lock. Trust: formats only; domains' names are SIDs' contexts.
 */
#ifndef HV_AUDIT_H
#define HV_AUDIT_H

#include <hv/gate.h>
#include <hv/types.h>

struct audit_avc {
	bool granted;			/* auditallow, or denied but permissive */
	bool permissive;
	enum perm perm, second;		/* second: of the same class, or PERM_INVALID */
	domid_t source, target;		/* DOMID_INVALID: not a domain */
	sid_t ssid, tsid;
	const char *operation;		/* row's name or NULL */
	const char *object;		/* "port", "gref" … or NULL */
	uint64_t object_value;
};
/* One line: avc:  denied  { map_read } for domid=1 target=2 op=grant_table_op.map gref=8 scontext=… tcontext=… tclass=grant permissive=0 */
void audit_avc(const struct audit_avc *a);
void audit_event(const char *fmt, ...) __printf(1, 2);		/* life-cycle records: "ravelin: policy load …" */

#endif
