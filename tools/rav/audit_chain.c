/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hash chain over the hypervisor's lines, and the marks that rav writes between them.
 * Locking: none. Trust: lines and marks are hostile until a head of the hypervisor's confirms them.
 */
#include "audit.h"

#include <inttypes.h>
#include <openssl/sha.h>
#include <string.h>

static const char *const mark_word[] = {
	[AUDIT_MARK_ANCHOR] = "anchor", [AUDIT_MARK_END] = "end", [AUDIT_MARK_CUT] = "cut", [AUDIT_MARK_BROKEN] = "broken",
};
/* As auditd calls what happens to its own files. */
static const char *const mark_type[] = {
	[AUDIT_MARK_ANCHOR] = "DAEMON_START", [AUDIT_MARK_END] = "DAEMON_END", [AUDIT_MARK_CUT] = "DAEMON_ABORT", [AUDIT_MARK_BROKEN] = "DAEMON_ERR",
};
#define MARKS (sizeof(mark_word) / sizeof(mark_word[0]))

void audit_point_begin(struct audit_point *p, const uint8_t boot[AUDIT_BOOT])
{
	memset(p, 0, sizeof(*p));
	memcpy(p->boot, boot, AUDIT_BOOT);
}

void audit_point_advance(struct audit_point *p, const char *line, size_t len)
{
	static char text[2 * AUDIT_HEAD + RAVELIN_AUDIT_LINE_MAX + 1];

	if (len > RAVELIN_AUDIT_LINE_MAX)
		len = RAVELIN_AUDIT_LINE_MAX;		/* no such line; its head is wrong either way */
	rav_hex(p->head, AUDIT_HEAD, text);
	memcpy(text + 2 * AUDIT_HEAD, line, len);
	SHA256((const unsigned char *)text, 2 * AUDIT_HEAD + len, p->head);
	p->seq++;
}

bool audit_point_same_boot(const struct audit_point *p, const uint8_t boot[AUDIT_BOOT])
{
	return memcmp(p->boot, boot, AUDIT_BOOT) == 0;
}

static bool field_bytes(const struct audit_record *r, const char *key, uint8_t *bytes, size_t n)
{
	char hex[2 * AUDIT_HEAD + 1];
	struct audit_text t;

	if (!audit_record_field(r, key, &t) || t.len != 2 * n || t.len >= sizeof(hex))
		return false;
	memcpy(hex, t.at, t.len);
	hex[t.len] = '\0';
	return rav_unhex(hex, n, bytes);
}

bool audit_mark_parse(const struct audit_record *r, enum audit_mark *mark, struct audit_point *p)
{
	struct audit_text t = r->text;

	if (t.len < 5 || memcmp(t.at, "rav: ", 5) != 0)
		return false;
	for (size_t i = 0; i < MARKS; i++) {
		size_t n = strlen(mark_word[i]);

		if (t.len < 6 + n || memcmp(t.at + 5, mark_word[i], n) != 0 || t.at[5 + n] != ' ' || !audit_text_is(r->type, mark_type[i]))
			continue;
		*mark = (enum audit_mark)i;
		return field_bytes(r, "boot", p->boot, AUDIT_BOOT) && field_bytes(r, "head", p->head, AUDIT_HEAD) &&
		       audit_record_number(r, "seq", &p->seq);
	}
	return false;
}

int audit_mark_print(char *line, size_t size, enum audit_mark mark, const struct audit_point *p, uint64_t ms)
{
	char boot[2 * AUDIT_BOOT + 1], head[2 * AUDIT_HEAD + 1];

	rav_hex(p->boot, AUDIT_BOOT, boot);
	rav_hex(p->head, AUDIT_HEAD, head);
	return snprintf(line, size, "type=%s msg=audit(%" PRIu64 ".%03u:0): rav: %s boot=%s seq=%" PRIu64 " head=%s", mark_type[mark], ms / 1000,
			(unsigned int)(ms % 1000), mark_word[mark], boot, p->seq, head);
}
