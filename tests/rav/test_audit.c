/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav audit against a hypervisor that is played: what the daemon stores is what was given out, and whatever is done to the files afterwards is noticed.
 * Locking: none. Trust: tests only.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tools/rav/audit.h"
#include "../../tools/rav/audit_filter.h"

#define RECORDS_MAX 5000u

/* --- the hypervisor's side ------------------------------------------------------------------------------------------------------------------ */

static struct fake {
	struct audit_source ops;
	char line[RECORDS_MAX + 1][400];
	struct audit_point chained;
	uint64_t first, next;
	bool linked;
	int fail_read;
} hv;

static void fake_record(const char *type, const char *text)
{
	snprintf(hv.line[hv.next], sizeof(hv.line[0]), "type=%s msg=audit(1763700000.%03u:%llu): %s", type, (unsigned int)(hv.next % 1000),
		 (unsigned long long)hv.next, text);
	hv.next++;
}

static void denials(unsigned int n)
{
	char text[300];

	for (unsigned int i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "avc:  denied  { map_read } for domid=%u target=0 op=grant_table.map gref=0x%x "
			 "scontext=system_u:system_r:guest_t:s0:c%u tcontext=system_u:system_r:dom0_t:s0-s0:c0.c1023 tclass=grant permissive=0",
			 1 + i % 3, i, 1 + i % 3);
		fake_record("AVC", text);
	}
}

static int fake_state(struct audit_source *s, struct ravelin_audit_state *state)
{
	(void)s;
	*state = (struct ravelin_audit_state){ .first = hv.first, .next = hv.next, .chained = hv.chained.seq };
	memcpy(state->boot, hv.chained.boot, AUDIT_BOOT);
	memcpy(state->head, hv.chained.head, AUDIT_HEAD);
	return 0;
}

static int fake_read(struct audit_source *s, uint64_t *from, char *buffer, uint32_t *size)
{
	uint32_t room = *size;

	(void)s;
	if (hv.fail_read)
		return hv.fail_read;
	if (*from == 0 || *from > hv.chained.seq + 1)
		return -EINVAL;
	if (*from < hv.first)
		return -ERANGE;
	for (*size = 0; *from < hv.next; (*from)++) {
		uint32_t len = (uint32_t)strlen(hv.line[*from]);

		if (*size + len + 1 > room)
			break;
		memcpy(buffer + *size, hv.line[*from], len);
		buffer[*size + len] = '\n';
		*size += len + 1;
		if (*from == hv.chained.seq + 1)
			audit_point_advance(&hv.chained, hv.line[*from], len);
	}
	return 0;
}

static int fake_release(struct audit_source *s, uint64_t before)
{
	(void)s;
	assert_true(before <= hv.chained.seq + 1);
	if (before > hv.first)
		hv.first = before;
	return 0;
}

static int fake_link(struct audit_source *s, const struct ravelin_audit_link *l)
{
	char text[300], boot[2 * AUDIT_BOOT + 1], head[2 * AUDIT_HEAD + 1];

	(void)s;
	if (hv.linked)
		return -EEXIST;
	hv.linked = true;
	rav_hex(l->boot, AUDIT_BOOT, boot);
	rav_hex(l->head, AUDIT_HEAD, head);
	snprintf(text, sizeof(text), "ravelin: prior boot=%s last=%llu head=%s by=0", boot, (unsigned long long)l->last, head);
	fake_record("KERNEL", text);
	return 0;
}

static void fake_boot(uint8_t id)
{
	memset(&hv, 0, sizeof(hv));
	hv.ops = (struct audit_source){ fake_state, fake_read, fake_release, fake_link };
	memset(hv.chained.boot, id, AUDIT_BOOT);
	hv.first = hv.next = 1;
	fake_record("SYSTEM_BOOT", "ravelin: boot=00 version=0.1");
}

/* --- the log's directory ---------------------------------------------------------------------------------------------------------------------- */

static char dir[64];

static int fresh(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/rav-audit-XXXXXX");
	assert_non_null(mkdtemp(dir));
	fake_boot(1);
	return 0;
}


static int gone(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* Good until the call after the next. */
static const char *path(const char *name)
{
	static char p[2][128];
	static unsigned int turn;

	turn ^= 1;
	snprintf(p[turn], sizeof(p[turn]), "%s/%s", dir, name);
	return p[turn];
}

/* One life of the daemon. */
static void daemon_runs(uint64_t size_max, bool ends)
{
	struct audit_store t;
	uint64_t got;

	assert_int_equal(audit_store_open(&t, dir, size_max, 8), 0);
	assert_int_equal(audit_store_begin(&t, &hv.ops), 0);
	do
		assert_int_equal(audit_store_fetch(&t, &hv.ops, &got), 0);
	while (got);
	if (ends)
		assert_int_equal(audit_store_end(&t), 0);
	close(t.fd);
	close(t.dir);
}

static struct audit_verdict verdict;

static bool verifies(void)
{
	free(verdict.boots);
	verdict.boots = NULL;
	assert_int_equal(audit_verify(dir, &hv.ops, NULL, &verdict), 0);
	return verdict.ok;
}

static void assert_refused(const char *why)
{
	assert_false(verifies());
	if (!strstr(verdict.reason, why))
		fail_msg("'%s' is not said in: %s", why, verdict.reason);
}

static char *slurp(const char *name, size_t *len)
{
	FILE *f = fopen(path(name), "r");
	static char text[2 << 20];

	assert_non_null(f);
	*len = fread(text, 1, sizeof(text) - 1, f);
	text[*len] = '\0';
	fclose(f);
	return text;
}

static void spit(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(path(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
}

/* The n-th line of the text (0 is the anchor), and where the next begins. */
static char *line_at(char *text, unsigned int n, char **next)
{
	while (n--)
		text = strchr(text, '\n') + 1;
	*next = strchr(text, '\n') + 1;
	return text;
}

/* --- tests -------------------------------------------------------------------------------------------------------------------------------------- */

static void test_stored_and_proven(void **state)
{
	size_t len;

	(void)state;
	denials(1000);
	daemon_runs(1 << 20, true);
	assert_true(verifies());
	assert_int_equal(verdict.records, 1001);
	assert_int_equal(verdict.boots_nr, 1);
	assert_int_equal(verdict.boots[0].proof, BOOT_PROVEN);
	assert_true(verdict.boots[0].clean_end);
	assert_int_equal(hv.first, 1002);
	assert_memory_equal(slurp(AUDIT_LOG_FILE, &len), "type=DAEMON_START msg=audit(", 28);
}

static void test_not_yet_stored_is_no_tampering(void **state)
{
	uint64_t from = 1;
	uint32_t size = 4000;
	char buffer[4000];

	(void)state;
	daemon_runs(1 << 20, false);
	denials(20);
	assert_true(verifies());
	/* read by an auditor, not by the daemon */
	from = 2;
	assert_int_equal(fake_read(NULL, &from, buffer, &size), 0);
	assert_true(verifies());
	assert_true(verdict.unstored > 0);
	daemon_runs(1 << 20, false);
	assert_true(verifies());
	assert_int_equal(verdict.records, 21);
}

static void test_rotation(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		denials(100);
		daemon_runs(16 << 10, false);
	}
	assert_int_equal(access(path(AUDIT_LOG_FILE ".3"), F_OK), 0);
	assert_true(verifies());
	assert_int_equal(verdict.records, 801);
	/* the oldest may go; the rest is still proven */
	for (unsigned int n = 9; n > 0; n--) {
		char name[32];

		snprintf(name, sizeof(name), AUDIT_LOG_FILE ".%u", n);
		if (unlink(path(name)) == 0)
			break;
	}
	assert_true(verifies());
	assert_true(verdict.boots[0].first > 1);
	/* one from the middle may not */
	assert_int_equal(rename(path(AUDIT_LOG_FILE ".2"), path("aside")), 0);
	assert_refused("this file goes on behind");
	/* nor may it stand in for another */
	assert_int_equal(rename(path("aside"), path(AUDIT_LOG_FILE ".1")), 0);
	assert_refused("this file goes on behind");
}

static void test_crash_between_rename_and_anchor(void **state)
{
	(void)state;
	denials(100);
	daemon_runs(1 << 20, false);
	assert_int_equal(rename(path(AUDIT_LOG_FILE), path(AUDIT_LOG_FILE ".1")), 0);
	denials(10);
	daemon_runs(1 << 20, false);
	assert_true(verifies());
	assert_int_equal(verdict.records, 111);
}

static void test_edited(void **state)
{
	char *text, *next, *line;
	size_t len;

	(void)state;
	denials(50);
	daemon_runs(1 << 20, true);
	text = slurp(AUDIT_LOG_FILE, &len);
	line = line_at(text, 20, &next);
	*strstr(line, "domid=") = 'D';
	spit(AUDIT_LOG_FILE, text, len);
	assert_refused("");
}

static void test_edited_last_line(void **state)
{
	char *text, *next, *line;
	size_t len;

	(void)state;
	denials(50);
	daemon_runs(1 << 20, false);
	text = slurp(AUDIT_LOG_FILE, &len);
	line = line_at(text, 51, &next);
	*(strstr(line, "guest_t:s0:c") + 12) = '9';
	spit(AUDIT_LOG_FILE, text, len);
	assert_refused("another head than the hypervisor's");
}

static void test_line_removed(void **state)
{
	char *text, *next, *line;
	size_t len;

	(void)state;
	denials(50);
	daemon_runs(1 << 20, true);
	text = slurp(AUDIT_LOG_FILE, &len);
	line = line_at(text, 20, &next);
	memmove(line, next, strlen(next) + 1);
	spit(AUDIT_LOG_FILE, text, strlen(text));
	assert_refused("record 21 where 20 belongs");
}

static void test_reordered(void **state)
{
	char *text, *next, *line, *after, copy[800];
	size_t len, a, b;

	(void)state;
	denials(50);
	daemon_runs(1 << 20, true);
	text = slurp(AUDIT_LOG_FILE, &len);
	line = line_at(text, 20, &next);
	after = strchr(next, '\n') + 1;
	a = (size_t)(next - line);
	b = (size_t)(after - next);
	memcpy(copy, next, b);
	memcpy(copy + b, line, a);
	memcpy(line, copy, a + b);
	spit(AUDIT_LOG_FILE, text, len);
	assert_refused("record 21 where 20 belongs");
}

static void test_truncated(void **state)
{
	char *text, *next, *line;
	size_t len;

	(void)state;
	denials(50);
	daemon_runs(1 << 20, false);
	text = slurp(AUDIT_LOG_FILE, &len);
	line = line_at(text, 40, &next);
	spit(AUDIT_LOG_FILE, text, (size_t)(line - text));
	assert_refused("records 40 to 51 were confirmed as stored and are missing");
	/* The next daemon does not paper over it. */
	daemon_runs(1 << 20, false);
	assert_false(verifies());
}

static void test_rolled_back(void **state)
{
	static char before[1 << 20];
	size_t len;

	(void)state;
	denials(50);
	daemon_runs(1 << 20, false);
	memcpy(before, slurp(AUDIT_LOG_FILE, &len), sizeof(before));
	denials(50);
	daemon_runs(1 << 20, false);
	spit(AUDIT_LOG_FILE, before, len);
	assert_refused("confirmed as stored and are missing");
	/* to a boot before */
	fake_boot(2);
	daemon_runs(1 << 20, false);
	assert_true(verifies());
	spit(AUDIT_LOG_FILE, before, len);
	assert_refused("nothing of the boot the machine is in");
}

/* Whoever makes up a log has a consistent chain of his own, anchors and marks included. */
static void test_recomputed(void **state)
{
	struct fake real;

	(void)state;
	denials(50);
	daemon_runs(1 << 20, true);
	real = hv;
	assert_int_equal(unlink(path(AUDIT_LOG_FILE)), 0);
	fake_boot(1);
	denials(30);
	fake_record("AVC", "avc:  denied  { nothing } for domid=1 tclass=grant permissive=0");
	denials(19);
	daemon_runs(1 << 20, true);
	assert_true(verifies());	/* consistent in itself */
	hv = real;
	assert_refused("another head than the hypervisor's");
}

static void test_removed_whole(void **state)
{
	(void)state;
	denials(50);
	daemon_runs(1 << 20, true);
	assert_int_equal(unlink(path(AUDIT_LOG_FILE)), 0);
	denials(5);
	daemon_runs(1 << 20, true);
	assert_refused("the daemon found");
}

static void test_boots(void **state)
{
	char *text, *next, *line;
	size_t len;

	(void)state;
	denials(30);
	daemon_runs(1 << 20, false);	/* and the machine crashes */
	fake_boot(2);
	denials(20);
	daemon_runs(1 << 20, true);
	assert_true(verifies());
	assert_int_equal(verdict.boots_nr, 2);
	assert_int_equal(verdict.boots[0].proof, BOOT_LINKED);
	assert_true(verdict.boots[0].cut);
	assert_int_equal(verdict.boots[1].proof, BOOT_PROVEN);
	/* An old boot's record, changed after the link was made, with the whole old chain computed again by its own daemon: */
	text = slurp(AUDIT_LOG_FILE, &len);
	line = line_at(text, 5, &next);
	*(strstr(line, "domid=") + 6) = '7';
	spit(AUDIT_LOG_FILE, text, len);
	assert_refused("the mark does not fit");
	/* and the mark removed */
	text = slurp(AUDIT_LOG_FILE, &len);
	line = strstr(text, "type=DAEMON_ABORT");
	next = strchr(line, '\n') + 1;
	memmove(line, next, strlen(next) + 1);
	spit(AUDIT_LOG_FILE, text, strlen(text));
	assert_refused("its part was altered since");
}

static void test_kept_head(void **state)
{
	struct audit_point kept;

	(void)state;
	denials(30);
	daemon_runs(1 << 20, false);
	kept = hv.chained;
	denials(30);
	daemon_runs(1 << 20, true);
	free(verdict.boots);
	assert_int_equal(audit_verify(dir, NULL, &kept, &verdict), 0);
	assert_true(verdict.ok);
	kept.head[7] ^= 1;
	free(verdict.boots);
	assert_int_equal(audit_verify(dir, NULL, &kept, &verdict), 0);
	assert_false(verdict.ok);
	kept.seq = 4000;
	free(verdict.boots);
	assert_int_equal(audit_verify(dir, NULL, &kept, &verdict), 0);
	assert_false(verdict.ok);
}

static void test_half_a_line(void **state)
{
	FILE *f;

	(void)state;
	denials(10);
	daemon_runs(1 << 20, false);
	f = fopen(path(AUDIT_LOG_FILE), "a");
	assert_non_null(f);
	fputs("type=AVC msg=audit(17637", f);	/* the power went */
	fclose(f);
	denials(10);
	daemon_runs(1 << 20, false);
	assert_true(verifies());
	assert_int_equal(verdict.records, 21);
}

static void test_one_daemon(void **state)
{
	struct audit_store a, b;

	(void)state;
	assert_int_equal(audit_store_open(&a, dir, 1 << 20, 8), 0);
	assert_int_equal(audit_store_open(&b, dir, 1 << 20, 8), RAV_FAILED);
}

/* What cannot be stored is not released. */
static void test_disk_full(void **state)
{
	struct audit_store t;
	uint64_t got;
	int full;

	(void)state;
	denials(10);
	assert_int_equal(audit_store_open(&t, dir, 1 << 20, 8), 0);
	assert_int_equal(audit_store_begin(&t, &hv.ops), 0);
	full = open("/dev/full", O_RDWR);
	assert_true(full >= 0);
	assert_true(dup2(t.fd, 200) == 200 && dup2(full, t.fd) >= 0);
	assert_true(audit_store_fetch(&t, &hv.ops, &got) < 0);
	assert_int_equal(hv.first, 1);
	assert_true(dup2(200, t.fd) >= 0);
	assert_int_equal(audit_store_fetch(&t, &hv.ops, &got), 0);
	assert_int_equal(got, 11);
	close(t.fd);
	close(200);
	close(full);
	assert_true(verifies());
}

static bool parses(const char *line)
{
	struct audit_record r;

	return audit_record_parse(line, strlen(line), &r);
}

static void test_lines(void **state)
{
	const char *line = "type=AVC msg=audit(1763700000.007:42): avc:  denied  { map_read map_write } for domid=3 target=0 op=grant_table.map gref=0x8 "
			   "scontext=system_u:system_r:guest_t:s0:c1 tcontext=system_u:system_r:dom0_t:s0 tclass=grant permissive=0 what=\"a b\"";
	struct audit_text decision, permissions, value;
	struct audit_record r;
	uint64_t n;

	(void)state;
	assert_true(audit_record_parse(line, strlen(line), &r));
	assert_int_equal(r.ms, 1763700000007ull);
	assert_int_equal(r.seq, 42);
	assert_true(audit_text_is(r.type, "AVC"));
	assert_true(audit_record_avc(&r, &decision, &permissions));
	assert_true(audit_text_is(decision, "denied"));
	assert_true(audit_text_is(permissions, "map_read map_write"));
	assert_true(audit_record_field(&r, "scontext", &value) && audit_text_is(value, "system_u:system_r:guest_t:s0:c1"));
	assert_true(audit_record_field(&r, "what", &value) && audit_text_is(value, "a b"));
	assert_true(audit_record_number(&r, "domid", &n) && n == 3);
	assert_false(audit_record_number(&r, "gref", &n));
	assert_false(audit_record_field(&r, "context", &value));
	assert_false(parses(""));
	assert_false(parses("type=AVC"));
	assert_false(parses("type= msg=audit(1.000:1): x"));
	assert_false(parses("type=AVC msg=audit(1.1000:1): x"));
	assert_false(parses("type=AVC msg=audit(99999999999999999999.000:1): x"));
	assert_false(parses("type=AVC msg=audit(1.000:): x"));
	assert_false(parses("type=AVC msg=audit(1.000:1): \033[2J"));
	assert_true(parses("type=AVC msg=audit(1.000:1): "));
}

static bool fits(const char *option, const char *value)
{
	char *argv[] = { (char *)"show", (char *)option, (char *)value, NULL };
	const char *line = "type=AVC msg=audit(1763700000.007:42): avc:  denied  { map_read map_write } for domid=3 target=0 op=grant_table.map gref=0x8 "
			   "scontext=system_u:system_r:guest_t:s0:c1 tcontext=system_u:system_r:dom0_t:s0 tclass=grant permissive=0";
	struct audit_filter f;
	struct audit_record r;

	assert_true(audit_record_parse(line, strlen(line), &r));
	assert_int_equal(audit_filter_parse(&f, value ? 3 : 2, argv), 0);
	return audit_filter_match(&f, &r);
}

static void test_filters(void **state)
{
	uint64_t ms;

	(void)state;
	assert_true(fits("--domain", "3") && fits("--domain", "0") && !fits("--domain", "4"));
	assert_true(fits("--label", "guest_t:s0:c1") && fits("--label", "dom0_t") && !fits("--label", "xenstore_t"));
	assert_true(fits("--class", "grant") && !fits("--class", "gran"));
	assert_true(fits("--permission", "map_write") && !fits("--permission", "map"));
	assert_true(fits("--operation", "grant_table.*") && fits("--operation", "grant_table.map") && !fits("--operation", "map"));
	assert_true(fits("--type", "AVC") && !fits("--type", "KERNEL"));
	assert_true(fits("--denied", NULL));
	assert_true(fits("--since", "1763700000") && !fits("--since", "1763700001"));
	assert_true(fits("--until", "1763700001") && !fits("--until", "1763699999"));
	assert_true(audit_time_parse("10m", 1000000, &ms) && ms == 400000);
	assert_true(audit_time_parse("2026-11-21", 0, &ms) && audit_time_parse("2026-11-21 12:30:01", 0, &ms));
	assert_false(audit_time_parse("yesterday", 0, &ms) || audit_time_parse("", 0, &ms) || audit_time_parse("5x", 0, &ms));
}

#define T(f) cmocka_unit_test_setup_teardown(f, fresh, gone)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_stored_and_proven), T(test_not_yet_stored_is_no_tampering), T(test_rotation), T(test_crash_between_rename_and_anchor),
		T(test_edited), T(test_edited_last_line), T(test_line_removed), T(test_reordered), T(test_truncated), T(test_rolled_back),
		T(test_recomputed), T(test_removed_whole), T(test_boots), T(test_kept_head), T(test_half_a_line), T(test_one_daemon),
		T(test_disk_full), T(test_lines), T(test_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
