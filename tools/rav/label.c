/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav label: the labels of the domains that run.
 * Locking: single-threaded. Trust: see xen.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "options.h"
#include "xen.h"

static int label_print(xc_interface *xc, const xc_domaininfo_t *info, struct json_object *list)
{
	static char label[XEN_LABEL];
	char name[256];
	int rc = xen_label(xc, info->ssidref, label);

	if (rc != RAV_OK)
		return rc;
	xen_domain_name(info->domain, name, sizeof(name));
	if (list) {
		struct json_object *o = json_object_new_object();

		rav_json_add_u64(o, "domain", info->domain);
		rav_json_add_text(o, "name", name[0] ? name : NULL);
		rav_json_add_text(o, "label", label);
		rav_json_add_u64(o, "sid", info->ssidref);
		json_object_array_add(list, o);
	} else {
		printf("%5u  %-24s %s\n", info->domain, name[0] ? name : "-", label);
	}
	return RAV_OK;
}

static int label_list(int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &json }, { NULL } };
	struct json_object *list;
	xc_interface *xc;
	xc_domaininfo_t info;
	uint32_t id = 0;
	int rc = options_read(&argc, &argv, specs, 0, 0);

	if (rc == RAV_OK)
		rc = xen_open(&xc);
	if (rc != RAV_OK)
		return rc;
	list = json ? json_object_new_array() : NULL;
	while (rc == RAV_OK && xc_domain_getinfolist(xc, id, 1, &info) == 1) {
		rc = label_print(xc, &info, list);
		id = (uint32_t)info.domain + 1;
	}
	if (rc == RAV_OK && id == 0)
		rc = xen_fail("list of domains", "domain:getdomaininfo");
	if (rc == RAV_OK && json)
		rav_json_print(list);
	xc_interface_close(xc);
	return rc;
}

static int label_show(int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &json }, { NULL } };
	static char label[XEN_LABEL];
	xc_interface *xc;
	xc_domaininfo_t info;
	int rc = options_read(&argc, &argv, specs, 1, 1);

	if (rc == RAV_OK)
		rc = xen_open(&xc);
	if (rc != RAV_OK)
		return rc;
	rc = xen_domain(xc, argv[0], &info);
	if (rc == RAV_OK && json) {
		struct json_object *list = json_object_new_array();

		rc = label_print(xc, &info, list);
		if (rc == RAV_OK)
			rav_json_print(json_object_get(json_object_array_get_idx(list, 0)));
		json_object_put(list);
	} else if (rc == RAV_OK && (rc = xen_label(xc, info.ssidref, label)) == RAV_OK) {
		puts(label);
	}
	xc_interface_close(xc);
	return rc;
}

static int relabel(xc_interface *xc, const xc_domaininfo_t *info, const char *label, bool json)
{
	static char before[XEN_LABEL];
	static char text[XEN_LABEL];
	uint32_t sid;
	int rc = xen_label(xc, info->ssidref, before);

	if (rc != RAV_OK)
		return rc;
	if (snprintf(text, sizeof(text), "%s", label) >= (int)sizeof(text))
		return rav_misuse("the label is too long");
	if (xc_flask_context_to_sid(xc, text, (uint32_t)strlen(text), &sid) != 0)
		return rav_fail(
			"write it whole, user:role:type:range; `rav policy query -p POLICY LABEL LABEL` says what is wrong with it",
			"the policy in force has no label %.200s", label);
	if (xc_flask_relabel_domain(xc, info->domain, sid) != 0)
		return xen_fail("relabel", "domain2:relabelfrom and relabelto");
	if (json) {
		struct json_object *o = json_object_new_object();

		rav_json_add_u64(o, "domain", info->domain);
		rav_json_add_text(o, "label", label);
		rav_json_add_text(o, "before", before);
		rav_json_print(o);
	} else {
		printf("%u: %s, before: %s\n", info->domain, label, before);
	}
	return RAV_OK;
}

static int label_set(int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &json }, { NULL } };
	xc_interface *xc;
	xc_domaininfo_t info;
	int rc = options_read(&argc, &argv, specs, 2, 2);

	if (rc == RAV_OK)
		rc = xen_open(&xc);
	if (rc != RAV_OK)
		return rc;
	rc = xen_domain(xc, argv[0], &info);
	if (rc == RAV_OK)
		rc = relabel(xc, &info, argv[1], json);
	xc_interface_close(xc);
	return rc;
}

static const struct rav_verb verbs[] = {
	{ "list", "[--json]", "the domains and their labels", OPTION_HELP_JSON, label_list },
	{ "show", "[--json] DOMAIN", "one domain's label; DOMAIN is an id or a name",
	  OPTION_HELP_JSON, label_show },
	{ "set", "[--json] DOMAIN LABEL",
	  "give a domain another label; what that denies it is revoked at once", OPTION_HELP_JSON,
	  label_set },
	{ NULL },
};

const struct rav_noun rav_label = { "label", "labels of the domains that run", verbs };
