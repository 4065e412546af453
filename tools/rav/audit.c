/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav audit: the verbs.
 * Locking: single-threaded. Trust: see each verb.
 */
#include "audit.h"

#define WHERE	"  --log PATH         the log's directory, or one file of it (" AUDIT_LOG_DIR ")\n"
#define FILTERS	"  --domain N         who acts, is acted upon, or is the subject\n" \
	"  --label TEXT       a part of any of the labels\n" \
	"  --class NAME       of the object: grant, event, domain …\n" \
	"  --permission NAME  one of those asked for\n" \
	"  --operation NAME   as docs/HYPERCALLS.md has it; * stands for anything: 'domctl.*'\n" \
	"  --type NAME        AVC, VIRT_CONTROL, MAC_POLICY_LOAD …\n" \
	"  --denied           denials only\n" \
	"  --since TIME, --until TIME\n" \
	"                     'YYYY-MM-DD HH:MM:SS' (or less of it), seconds since 1970, or 10m, 2h, 1d ago\n" \
	"  --raw              the lines as they are stored\n" \
	"  --json             one object a line\n"

static const struct rav_verb verbs[] = {
	{ "daemon", "[--log DIR] [--size KIB] [--keep N] [--user NAME] [--once]",
	  "fetch the hypervisor's records and keep them on disk, in auditd's format",
	  "  --log DIR          where (" AUDIT_LOG_DIR ")\n"
	  "  --size KIB         a file's size before the next one is begun (8192)\n"
	  "  --keep N           files kept besides the newest (8)\n"
	  "  --user NAME        run as that user once everything is open (root, without capabilities)\n"
	  "  --once             store what there is, and end\n",
	  audit_daemon_run },
	{ "show", "[FILTERS] [--json|--raw]", "print records; status 1 if none fits", WHERE FILTERS, audit_show_run },
	{ "follow", "[FILTERS] [--json|--raw]", "print records as they are stored", WHERE FILTERS, audit_follow_run },
	{ "stats", "[FILTERS] [--json]", "count records: by type, by who was denied what; the ring and its budgets", WHERE FILTERS, audit_stats_run },
	{ "verify", "[--head BOOT:SEQ:HEAD] [--json]", "is the log whole and unchanged, as the hypervisor's chain says? status 1: no",
	  WHERE "  --head POINT       compare with what `rav audit head` printed, in place of asking the hypervisor\n"
	  "  --json             the verdict as one object\n",
	  audit_verify_run },
	{ "head", "[--json]", "print the chain's head: BOOT:SEQ:HEAD, to be kept elsewhere", NULL, audit_head_run },
	{ .name = NULL },
};

const struct rav_noun rav_audit = { "audit", "the hypervisor's audit log: fetch, show, verify", verbs };
