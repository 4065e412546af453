/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audit lines: every field in its place, however long the labels; audit2allow reads them.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <hv/audit.h>
#include <hv/flask.h>
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

#include "hosted.h"

static int machine(void **state)
{
	(void)state;
	hosted_machine_init();
	return 0;
}

static sid_t sid_of(const char *context)
{
	sid_t sid;

	assert_int_equal(flask_context_to_sid(context, strlen(context), &sid), 0);
	return sid;
}

static const char *line_of(const struct audit_avc *a)
{
	hosted_time_advance(2000000000u);
	hosted_console_clear();
	audit_avc(a);
	return hosted_console();
}

static void test_all_fields(void **state)
{
	struct audit_avc a = { .perm = PERM_mmu__map_read, .source = 0, .target = 3, .ssid = 3, .tsid = sid_of("system_u:system_r:guest_t:s0:c1"),
			       .operation = "memory_op.add_to_physmap_batch", .object = "gfn", .object_value = 0x1234abcd };

	(void)state;
	assert_string_equal(line_of(&a), "(RAV) avc:  denied  { map_read } for domid=0 target=3 comm=\"d0\" op=memory_op.add_to_physmap_batch gfn=0x1234abcd "
			    "scontext=system_u:system_r:dom0_t:s0-s0:c0.c1023 tcontext=system_u:system_r:guest_t:s0:c1 tclass=mmu permissive=0\n");
}

static void test_few_fields(void **state)
{
	struct audit_avc a = { .perm = PERM_security__load_policy, .source = 5, .target = DOMID_INVALID, .ssid = 12, .tsid = 7, .granted = true };

	(void)state;
	assert_string_equal(line_of(&a), "(RAV) avc:  granted  { load_policy } for domid=5 comm=\"d5\" scontext=system_u:system_r:guest_t:s0 "
			    "tcontext=system_u:system_r:security_t:s0 tclass=security permissive=0\n");
	a.permissive = true;
	assert_non_null(strstr(line_of(&a), "avc:  denied  { load_policy }"));
	assert_non_null(strstr(hosted_console(), " permissive=1\n"));
}

static void test_long_labels(void **state)
{
	static char text[8192];
	size_t n = (size_t)snprintf(text, sizeof(text), "system_u:system_r:guest_t:s0:c0");
	struct audit_avc a = { .perm = PERM_event__send, .source = 1, .target = 2 };
	char end[64];

	(void)state;
	for (unsigned int i = 2; i < 1024; i += 2)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ",c%u", i);
	a.ssid = a.tsid = sid_of(text);
	line_of(&a);
	assert_non_null(strstr(strstr(hosted_console(), " scontext="), text));
	assert_non_null(strstr(strstr(hosted_console(), " tcontext="), text));
	snprintf(end, sizeof(end), " tclass=event permissive=0\n");
	assert_string_equal(hosted_console() + strlen(hosted_console()) - strlen(end), end);
}

static void test_audit2allow(void **state)
{
	static const struct { sid_t s; enum perm p; const char *target, *rule; } acts[] = {
		{ 3, PERM_mmu__map_read, "system_u:system_r:guest_t:s0:c1", "allow dom0_t guest_t:mmu map_read;" },
		{ 3, PERM_domain__create, "system_u:system_r:xenstore_t:s0", "allow dom0_t xenstore_t:domain create;" },
		{ 12, PERM_interface__domctl, "system_u:system_r:guest_self_t:s0", "allow guest_t guest_self_t:interface domctl;" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		struct audit_avc a = { .perm = acts[i].p, .source = 0, .target = 1, .ssid = acts[i].s, .tsid = sid_of(acts[i].target),
				       .operation = "domctl.any", .object = "vcpu", .object_value = i };
		char path[64], command[256], out[4096];
		FILE *f;

		snprintf(path, sizeof(path), "build/hosted/avc-%d.txt", getpid());	/* two runs at once do not meet */
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(line_of(&a), f);
		fclose(f);
		snprintf(command, sizeof(command), "audit2allow -p build/policy -i %s; rm %s", path, path);
		f = popen(command, "r");
		assert_non_null(f);
		out[fread(out, 1, sizeof(out) - 1, f)] = '\0';
		assert_int_equal(pclose(f), 0);
		if (!strstr(out, acts[i].rule))
			fail_msg("audit2allow: %s", out);
	}
}

static void test_events(void **state)
{
	(void)state;
	hosted_console_clear();
	audit_event(&(struct audit_event){ .type = AUDIT_LABEL, .caller = 1, .ssid = 12, .tsid = 3 }, "ravelin: rules at %u", 17u);
	assert_string_equal(hosted_console(), "(RAV) ravelin: rules at 17 old-ctx=system_u:system_r:guest_t:s0 "
			    "vm-ctx=system_u:system_r:dom0_t:s0-s0:c0.c1023\n");
}

/* What a denied call was about stands in its record. */
static void test_objects(void **state)
{
	struct domain *d = hosted_domain(1, "system_u:system_r:guest_t:s0:c1", 8, 1), *other = hosted_domain(2, "system_u:system_r:guest_t:s0:c2", 8, 1);
	struct evtchn_bind_virq virq = { .virq = VIRQ_DOM_EXC };
	struct evtchn_status status = { .dom = 2, .port = 5 };
	struct xen_hvm_param param = { .domid = 2, .index = HVM_PARAM_STORE_PFN };
	struct xen_add_to_physmap_batch map = { .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 3, .u.foreign_domid = 2 };

	(void)state;
	hosted_time_advance(2000000000u);
	hosted_console_clear();
	hosted_write(d, 0x1000, &virq, sizeof(virq));
	assert_true(hosted_hypercall(d, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, 0x1000, 0, 0, 0) < 0);
	assert_non_null(strstr(hosted_console(), " op=event_channel.bind_virq virq=0x3 "));
	hosted_write(d, 0x1000, &status, sizeof(status));
	assert_true(hosted_hypercall(d, __HYPERVISOR_event_channel_op, EVTCHNOP_status, 0x1000, 0, 0, 0) < 0);
	assert_non_null(strstr(hosted_console(), " op=event_channel.status port=0x5 "));
	hosted_write(d, 0x1000, &param, sizeof(param));
	assert_true(hosted_hypercall(d, __HYPERVISOR_hvm_op, HVMOP_get_param, 0x1000, 0, 0, 0) < 0);
	assert_non_null(strstr(hosted_console(), " op=hvm.get_param param=0x1 "));
	hosted_write(d, 0x1000, &map, sizeof(map));
	assert_true(hosted_hypercall(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, 0x1000, 0, 0, 0) < 0);
	assert_non_null(strstr(hosted_console(), " op=memory.add_to_physmap_batch frames=0x3 "));
	hosted_domain_kill(d);
	hosted_domain_kill(other);
}

/* The control domain asks that one guest's page appear in another: who is denied is the guest. */
static void test_whose_denial(void **state)
{
	struct domain *control = hosted_domain(0, "system_u:system_r:dom0_t:s0-s0:c0.c1023", 8, 1);
	struct domain *d = hosted_domain(1, "system_u:system_r:guest_build_t:s0:c1", 8, 1);
	struct domain *other = hosted_domain(2, "system_u:system_r:guest_build_t:s0:c2", 8, 1);
	struct xen_add_to_physmap_batch map = { .domid = 1, .space = XENMAPSPACE_gmfn_foreign, .size = 1, .u.foreign_domid = 2 };

	(void)state;
	hosted_time_advance(2000000000u);
	hosted_console_clear();
	hosted_write(control, 0x1000, &map, sizeof(map));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, 0x1000, 0, 0, 0), -XEN_EACCES);
	assert_non_null(strstr(hosted_console(), " domid=1 target=2 comm=\"d1\" op=memory.add_to_physmap_batch "));
	assert_non_null(strstr(hosted_console(), " scontext=system_u:system_r:guest_build_t:s0:c1 tcontext=system_u:system_r:guest_build_t:s0:c2 "));
	/* Of an event it is said who was at work. */
	hosted_console_clear();
	hosted_run_vcpu(d->vcpu[0]);
	audit_event(&(struct audit_event){ .type = AUDIT_CONFIG, .caller = DOMID_INVALID }, "ravelin: something");
	assert_non_null(strstr(hosted_console(), "ravelin: something by=1"));
	hosted_run_vcpu(NULL);
	hosted_domain_kill(other);
	hosted_domain_kill(d);
	domain_put(control);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_fields), cmocka_unit_test(test_few_fields), cmocka_unit_test(test_long_labels),
		cmocka_unit_test(test_audit2allow), cmocka_unit_test(test_events), cmocka_unit_test(test_objects), cmocka_unit_test(test_whose_denial),
	};

	return cmocka_run_group_tests(tests, machine, NULL);
}
