/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor and the xenstore, for the verbs that need them.
 * Locking: single-threaded. Trust: see xen.h.
 */
#include "xen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenstore.h>
#include <xentoollog.h>

#include "common.h"

#define DOMAINS_MOST 32752u	/* ids below DOMID_FIRST_RESERVED */

static const char domains[] =
	"`rav label list` shows the domains that the policy lets this one see";

/* libxenctrl's own messages say what failed inside it; ours say what to do. */
static void silent(struct xentoollog_logger *l, xentoollog_level level, int error,
		   const char *context, const char *fmt, va_list ap)
{
	(void)l, (void)level, (void)error, (void)context, (void)fmt, (void)ap;
}

static void no_progress(struct xentoollog_logger *l, const char *context, const char *what,
			int percent, unsigned long done, unsigned long total)
{
	(void)l, (void)context, (void)what, (void)percent, (void)done, (void)total;
}

static void no_destroy(struct xentoollog_logger *l)
{
	(void)l;
}

int xen_open(xc_interface **xc)
{
	static struct xentoollog_logger logger = { silent, no_progress, no_destroy };

	*xc = NULL;
	if (access("/proc/xen/privcmd", F_OK) != 0 && access("/dev/xen/privcmd", F_OK) != 0)
		return rav_fail(
			"run it in the control domain; with a policy's FILE most verbs need no hypervisor",
			"there is no hypervisor here (no /dev/xen/privcmd)");
	*xc = xc_interface_open(&logger, &logger, 0);
	if (!*xc)
		return rav_fail("run it as root", "/dev/xen/privcmd: %s", strerror(errno));
	return RAV_OK;
}

int xen_fail(const char *what, const char *needs)
{
	int error = errno;
	char next[256];

	snprintf(
		next, sizeof(next),
		"the policy in force must allow this domain %s: `xl dmesg | rav policy explain -p POLICY` says what is missing",
		needs);
	switch (error) {
	case EACCES:
	case EPERM:
		return rav_fail(next, "%s: denied (%s)", what, strerror(error));
	case ENOSYS:
	case EOPNOTSUPP:
		return rav_fail("boot Ravelin, or a Xen with XSM",
				"%s: this hypervisor has no Flask", what);
	case EBUSY:
		return rav_fail("try again when the other load is done", "%s: %s", what,
				strerror(error));
	case ESRCH:
		return rav_fail(domains, "%s: no such domain", what);
	case EINVAL:
		return rav_fail("the last lines of `xl dmesg` say why",
				"%s: the hypervisor refuses it", what);
	default:
		return rav_fail("the last lines of `xl dmesg` may say why", "%s: %s", what,
				strerror(error));
	}
}

/* The xenstore may be away: names are a courtesy. */
static struct xs_handle *store(void)
{
	static struct xs_handle *xs;
	static bool tried;

	if (!tried)
		xs = xs_open(0);
	tried = true;
	return xs;
}

void xen_domain_name(uint32_t id, char *text, size_t size)
{
	struct xs_handle *xs = store();
	char path[64], *name;
	unsigned int len;

	text[0] = '\0';
	snprintf(path, sizeof(path), "/local/domain/%u/name", id);
	name = xs ? xs_read(xs, XBT_NULL, path, &len) : NULL;
	if (name)
		snprintf(text, size, "%s", name);
	free(name);
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static int domain_by_name(xc_interface *xc, const char *name, xc_domaininfo_t *info)
{
	char other[256];

	for (uint32_t id = 0; id < DOMAINS_MOST && xc_domain_getinfolist(xc, id, 1, info) == 1;
	     id = (uint32_t)info->domain + 1) {
		xen_domain_name(info->domain, other, sizeof(other));
		if (strcmp(other, name) == 0)
			return RAV_OK;
	}
	return rav_fail(domains, "no domain is named '%s'", name);
}

int xen_domain(xc_interface *xc, const char *text, xc_domaininfo_t *info)
{
	uint64_t id;

	if (!rav_parse_u64(text, DOMAINS_MOST - 1, &id))
		return domain_by_name(xc, text, info);
	if (xc_domain_getinfolist(xc, (uint32_t)id, 1, info) == 1 && info->domain == id)
		return RAV_OK;
	return rav_fail(domains, "there is no domain %s", text);
}

int xen_label(xc_interface *xc, uint32_t sid, char text[XEN_LABEL])
{
	text[0] = '\0';
	if (xc_flask_sid_to_context(xc, (int)sid, text, XEN_LABEL - 1) != 0)
		return xen_fail("label of a domain", "security:check_context");
	text[XEN_LABEL - 1] = '\0';
	return RAV_OK;
}
