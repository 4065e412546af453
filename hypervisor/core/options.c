/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot options: one table, Xen's names.
 * Locking: written at boot by one CPU.
 * Trust: the operator's text; malformed values stop the boot rather than mean something else.
 */
#include <abi/ravelin.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/string.h>

struct boot_options options __ro_after_init = {
	.conring_bytes = 128 << 10,
	.audit_bytes = 256 << 10,
	.audit_full = RAVELIN_AUDIT_DROP,
	.com1_baud = 115200,
	.max_cpus = MAX_CPUS,
	.log_level = LOG_INFO,
	.guest_log_level = LOG_WARN,
	.xsave = true,
};

/* -XEN_EINVAL: malformed. v is the text after '=', or "" when there is none. */
typedef int option_fn(const char *v);

/*@
  lemma ends_step{L}: \forall char *s, integer n; ends(s, n) && *s != 0 ==> ends(s + 1, n - 1);
  lemma text_step{L}: \forall char *s; text(s) && *s != 0 ==> text(s + 1);
  lemma ends_behind{L}: \forall char *s, integer n; ends(s, n) && s[0] != 0 && s[1] != 0 && s[2] != 0 && s[3] != 0 ==> ends(s + 4, n - 4);
  lemma text_behind{L}: \forall char *s; text(s) && s[0] != 0 && s[1] != 0 && s[2] != 0 && s[3] != 0 ==> text(s + 4);
  // Of words that stand here: the provers try these lengths. A table's words leave their row's last byte free.
  lemma text_short{L}: \forall char *s; ends(s, 0) || ends(s, 1) || ends(s, 2) || ends(s, 3) || ends(s, 4) || ends(s, 5) || ends(s, 6) || ends(s, 7) ||
    ends(s, 8) || ends(s, 9) || ends(s, 10) || ends(s, 19) ==> text(s);
*/
/*@
  requires text(v) && \valid(end) && \valid(out) && \separated(end, out);
  assigns *end, *out;
  ensures \result == 0 ? text(*end) : \result == -XEN_EINVAL;
*/
static int parse_u64(const char *v, const char **end, uint64_t *out)
{
	uint64_t n = 0;

	if (*v < '0' || *v > '9')
		return -XEN_EINVAL;
	/*@ loop invariant text(v); loop assigns v, n; */
	for (; *v >= '0' && *v <= '9'; v++)
		if (__builtin_mul_overflow(n, 10u, &n) || __builtin_add_overflow(n, (uint64_t)(*v - '0'), &n))
			return -XEN_EINVAL;
	*end = v;
	*out = n;
	return 0;
}

/*@
  requires text(v) && \valid(out);
  assigns *out;
  ensures \result == 0 ? 0 < *out <= max : \result == -XEN_EINVAL && *out == \old(*out);
*/
static int parse_u32(const char *v, uint32_t max, uint32_t *out)
{
	const char *end;
	uint64_t n;

	if (parse_u64(v, &end, &n) || *end || n == 0 || n > max)
		return -XEN_EINVAL;
	*out = (uint32_t)n;
	return 0;
}

/* A size as Xen reads it: no suffix means KiB. */
/*@
  requires text(v) && \valid(end) && \valid(out) && \separated(end, out);
  assigns *end, *out;
  ensures \result == 0 ? text(*end) : \result == -XEN_EINVAL;
*/
static int parse_size(const char *v, const char **end, uint64_t *out)
{
	unsigned int shift = 10;
	bool suffix = true;
	uint64_t n;

	if (parse_u64(v, end, &n))
		return -XEN_EINVAL;
	switch (**end | 0x20) {
	case 'b':
		shift = 0;
		break;
	case 'k':
		break;
	case 'm':
		shift = 20;
		break;
	case 'g':
		shift = 30;
		break;
	case 't':
		shift = 40;
		break;
	default:
		suffix = false;
	}
	if (suffix)
		(*end)++;
	if (n > (UINT64_MAX >> shift))
		return -XEN_EINVAL;
	*out = n << shift;
	return 0;
}

/* dom0_mem=SIZE, with min: and max: accepted and the last size taken: our dom0 does not balloon at boot. */
/*@ requires text(v); assigns options.dom0_mem_bytes; */
static int set_dom0_mem(const char *v)
{
	/*@ loop invariant text(v); loop assigns v, options.dom0_mem_bytes; */
	for (;;) {
		bool is_bound = strncmp(v, "min:", 4) == 0 || strncmp(v, "max:", 4) == 0;
		uint64_t n;

		/*@ assert is_bound ==> v[0] != 0 && v[1] != 0 && v[2] != 0 && v[3] != 0; */
		if (parse_size(is_bound ? v + 4 : v, &v, &n))
			return -XEN_EINVAL;
		if (!is_bound || !options.dom0_mem_bytes)
			options.dom0_mem_bytes = n;
		if (!*v)
			return 0;
		if (*v++ != ',')
			return -XEN_EINVAL;
	}
}

/*@ requires text(v); assigns options.dom0_max_vcpus; ensures \result == 0 ? 0 < options.dom0_max_vcpus <= MAX_VCPUS : \result == -XEN_EINVAL; */
static int set_dom0_max_vcpus(const char *v)
{
	return parse_u32(v, MAX_VCPUS, &options.dom0_max_vcpus);
}

/*@ requires text(v); assigns options.max_cpus; ensures \result == 0 ? 0 < options.max_cpus <= MAX_CPUS : \result == -XEN_EINVAL; */
static int set_maxcpus(const char *v)
{
	return parse_u32(v, MAX_CPUS, &options.max_cpus);
}

/*@ requires text(v) && \valid(bytes); assigns *bytes; ensures \result == 0 ? *bytes <= 16 << 20 : \result == -XEN_EINVAL; */
static int set_ring(const char *v, uint32_t *bytes)
{
	const char *end;
	uint64_t n;

	if (parse_size(v, &end, &n) || *end || n > (16u << 20))
		return -XEN_EINVAL;
	*bytes = (uint32_t)n;
	return 0;
}

/*@ requires text(v); assigns options.conring_bytes; */
static int set_conring(const char *v)
{
	return set_ring(v, &options.conring_bytes);
}

/*@ requires text(v); assigns options.audit_bytes; */
static int set_audit_size(const char *v)
{
	return set_ring(v, &options.audit_bytes);
}

/* What becomes of a record that finds no room. */
/*@ requires text(v); assigns options.audit_full; */
static int set_audit_full(const char *v)
{
	static const char what[][8] = {
		[RAVELIN_AUDIT_DROP] = "drop", [RAVELIN_AUDIT_BLOCK] = "block", [RAVELIN_AUDIT_PANIC] = "panic",
	};

	/*@ loop invariant i <= 3; loop assigns i; loop variant 3 - i; */
	for (uint32_t i = 0; i < ARRAY_SIZE(what); i++) {
		/*@ assert what[i][7] == 0; */
		if (strcmp(v, what[i]) == 0) {
			options.audit_full = i;
			return 0;
		}
	}
	return -XEN_EINVAL;
}

/* com1=<baud>[,8n1[,0x3f8,4]]: the base port and the line are the PC's. */
/*@ requires text(v); assigns options.com1_baud; ensures \result == 0 ? options.com1_baud <= 115200 : \result == -XEN_EINVAL; */
static int set_com1(const char *v)
{
	const char *end;
	uint64_t baud;

	if (parse_u64(v, &end, &baud) || baud > 115200 || (baud && 115200 % baud) || (*end && *end != ','))
		return -XEN_EINVAL;
	if (*end && strncmp(end, ",8n1", 4) != 0)
		return -XEN_EINVAL;
	options.com1_baud = (uint32_t)baud;
	return 0;
}

/*@
  requires \valid(v) && text(*v) && 0 < size && \valid(word + (0 .. size - 1)) && \separated(v, word + (0 .. size - 1));
  requires \base_addr(*v) != \base_addr(word);
  assigns *v, word[0 .. size - 1];
  ensures text(*v) && \base_addr(*v) == \old(\base_addr(*v));
  ensures \result ==> text(word);
*/
static bool list_next(const char **v, char *word, size_t size)
{
	size_t n = 0;

	if (!**v)
		return false;
	/*@ loop invariant text(*v) && \base_addr(*v) == \at(\base_addr(*v), Pre) && n < size; loop assigns n, *v, word[0 .. size - 1]; */
	while (**v && **v != ',') {
		if (n + 1 < size)
			word[n++] = **v;
		/*@ assert \forall integer m; \at(ends(*v, m), LoopCurrent) ==> ends(*v, m); */
		(*v)++;
	}
	/*@ ghost walked: ; */
	word[n] = '\0';
	/*@ assert \forall integer m; \at(ends(*v, m), walked) ==> ends(*v, m); */
	/*@ assert ends(word, n); */
	if (**v == ',')
		(*v)++;
	return true;
}

/*@ requires text(v); assigns options.com1_baud; */
static int set_console(const char *v)
{
	char word[16];
	bool serial = false;

	/*@ assert \forall integer m; \at(ends(v, m), Pre) ==> ends(v, m); */
	/*@ loop invariant text(v) && \base_addr(v) == \at(\base_addr(v), Pre); loop assigns v, word[0 .. 15], serial; */
	while (list_next(&v, word, sizeof(word))) {
		if (strcmp(word, "com1") == 0)
			serial = true;
		else if (strcmp(word, "none") != 0 && strcmp(word, "vga") != 0)
			return -XEN_EINVAL;
	}
	if (!serial)
		options.com1_baud = 0;
	return 0;
}

/* "all" and "none", or the least important level that is still shown; what follows a slash (Xen's rate-limited level) says nothing here. */
/*@ requires text(v) && \valid(level); assigns *level; */
static int parse_level(const char *v, int *level)
{
	static const struct {
		char name[8];
		int level;
	} levels[] = {
		{ "none", -1 }, { "error", LOG_ERR }, { "warning", LOG_WARN }, { "info", LOG_INFO }, { "debug", LOG_DEBUG }, { "all", LOG_DEBUG },
	};
	size_t n = 0;

	/*@ loop invariant \valid_read(v + (0 .. n - 1)) && (\forall integer i; 0 <= i < n ==> v[i] != 0); loop assigns n; */
	while (v[n] && v[n] != '/')
		n++;
	/*@ loop invariant i <= 6; loop assigns i; loop variant 6 - i; */
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		/*@ assert levels[i].name[7] == 0; */
		if (strlen(levels[i].name) == n && strncmp(v, levels[i].name, n) == 0) {
			*level = levels[i].level;
			return 0;
		}
	}
	return -XEN_EINVAL;
}

static int loglvl;		/* in force behind the last option: what is wrong with one is said, whatever the level */

/*@ requires text(v); assigns loglvl; */
static int set_loglvl(const char *v)
{
	return parse_level(v, &loglvl);
}

/*@ requires text(v); assigns options.guest_log_level; */
static int set_guest_loglvl(const char *v)
{
	return parse_level(v, &options.guest_log_level);
}

/*@ requires text(v); assigns options.flask_locked, options.flask_permissive; */
static int set_flask(const char *v)
{
	char word[16];

	/*@ assert \forall integer m; \at(ends(v, m), Pre) ==> ends(v, m); */
	/*@ loop invariant text(v) && \base_addr(v) == \at(\base_addr(v), Pre); loop assigns v, word[0 .. 15], options.flask_locked, options.flask_permissive; */
	while (list_next(&v, word, sizeof(word))) {
		if (strcmp(word, "late") == 0 || strcmp(word, "disabled") == 0) {
			log_err("flask=%s is refused: there is no boot without a policy in force", word);
			return -XEN_EINVAL;
		}
		if (strcmp(word, "locked") == 0)
			options.flask_locked = true;
		else if (strcmp(word, "permissive") == 0)
			options.flask_permissive = true;
		else if (strcmp(word, "enforcing") == 0)
			options.flask_permissive = false;
		else
			return -XEN_EINVAL;
	}
	return 0;
}

/* dom0=: only what says what we do anyway. */
/*@ requires text(v); assigns \nothing; */
static int set_dom0(const char *v)
{
	char word[16];

	/*@ assert \forall integer m; \at(ends(v, m), Pre) ==> ends(v, m); */
	/*@ loop invariant text(v) && \base_addr(v) == \at(\base_addr(v), Pre); loop assigns v, word[0 .. 15]; */
	while (list_next(&v, word, sizeof(word)))
		if (strcmp(word, "pvh") != 0)
			return -XEN_EINVAL;
	return 0;
}

/*@ requires text(v) && \valid(flag); assigns *flag; */
static int set_flag(const char *v, bool *flag)
{
	if (!*v || strcmp(v, "1") == 0 || strcmp(v, "on") == 0 || strcmp(v, "yes") == 0 || strcmp(v, "true") == 0)
		*flag = true;
	else if (strcmp(v, "0") == 0 || strcmp(v, "off") == 0 || strcmp(v, "no") == 0 || strcmp(v, "false") == 0)
		*flag = false;
	else
		return -XEN_EINVAL;
	return 0;
}

/*@ requires text(v); assigns options.selftest[0 .. sizeof(options.selftest) - 1]; ensures \result == 0 || \result == -XEN_EINVAL; */
static int set_selftest(const char *v)
{
	if (strlen(v) >= sizeof(options.selftest))
		return -XEN_EINVAL;
	memcpy(options.selftest, v, strlen(v) + 1);
	return 0;
}

/* What GRUB's helper scripts put in front of the options. */
/*@ requires text(v); assigns \nothing; */
static int set_nothing(const char *v)
{
	return *v ? -XEN_EINVAL : 0;
}

static bool ignored;		/* boot/early.c has acted on it already, before there was a console */

static const struct option {
	char name[20];
	option_fn *set;
	bool *flag;		/* or this */
} table[] = {
	{ "audit_full", .set = set_audit_full },
	{ "audit_size", .set = set_audit_size },
	{ "com1", .set = set_com1 },
	{ "conring_size", .set = set_conring },
	{ "console", .set = set_console },
	{ "dom0", .set = set_dom0 },
	{ "dom0_max_vcpus", .set = set_dom0_max_vcpus },
	{ "dom0_mem", .set = set_dom0_mem },
	{ "flask", .set = set_flask },
	{ "guest_loglvl", .set = set_guest_loglvl },
	{ "loglvl", .set = set_loglvl },
	{ "maxcpus", .set = set_maxcpus },
	{ "nokaslr", .flag = &ignored },
	{ "noreboot", .flag = &options.noreboot },
	{ "placeholder", .set = set_nothing },
	{ "selftest", .set = set_selftest },
	{ "sync_console", .flag = &options.sync_console },
	{ "xsave", .flag = &options.xsave },	/* no: guests get x87 and SSE only */
};

/*@ requires readable(word, len); assigns \nothing; ensures \result == \null || \exists integer i; 0 <= i < 18 && \result == &table[i]; */
static const struct option *option_find(const char *word, size_t len)
{
	/*@ loop invariant i <= 18; loop assigns i; loop variant 18 - i; */
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		/*@ assert table[i].name[19] == 0; */
		if (strlen(table[i].name) == len && strncmp(table[i].name, word, len) == 0)
			return &table[i];
	}
	return NULL;
}

/*@ requires text(value); assigns options, loglvl, ignored; */
static int option_set(const struct option *o, const char *value)
{
	return o->flag ? set_flag(value, o->flag) : o->set(value);
}

/*@ requires text(word) && \base_addr(word) != \base_addr(&options.cmdline[0]); assigns options, loglvl, ignored; */
static int option_apply(char *word)
{
	char *value = strchr(word, '=');
	size_t len = value ? (size_t)(value - word) : strlen(word);
	/*@ assert readable(word, len); */
	const struct option *o = option_find(word, len);

	if (!o) {
		log_warn("option: %s is not known and has no effect", word);
		return 0;
	}
	value = value ? value + 1 : word + len;
	if (option_set(o, value)) {
		log_err("option: %s is refused", word);
		return -XEN_EINVAL;
	}
	return 0;
}

int options_parse(const char *cmdline)
{
	char word[256];
	int err = 0;

	/*@ assert \forall integer m; \at(ends(cmdline, m), Pre) ==> ends(cmdline, m); */
	if (strlen(cmdline) >= sizeof(options.cmdline)) {
		log_err("option: the command line is longer than %zu bytes", sizeof(options.cmdline) - 1);
		return -XEN_EINVAL;
	}
	memcpy(options.cmdline, cmdline, strlen(cmdline) + 1);
	loglvl = options.log_level;
	/*@ assert \forall integer m; \at(ends(cmdline, m), Pre) ==> ends(cmdline, m); */
	/*@
	  loop invariant \base_addr(cmdline) == \at(\base_addr(cmdline), Pre);
	  loop invariant text(cmdline);
	  loop assigns cmdline, word[0 .. 255], err, options, loglvl, ignored;
	*/
	while (*cmdline) {
		size_t n = 0;

		/*@
		  loop invariant \base_addr(cmdline) == \at(\base_addr(cmdline), Pre) && n < 256;
		  loop invariant text(cmdline);
		  loop assigns cmdline, n, word[0 .. 255];
		*/
		for (; *cmdline && *cmdline != ' '; cmdline++) {
			if (n + 1 < sizeof(word))
				word[n++] = *cmdline;
			/*@ assert \forall integer m; \at(ends(cmdline, m), LoopCurrent) ==> ends(cmdline, m); */
		}
		/*@ ghost walked: ; */
		word[n] = '\0';
		/*@ assert ends(&word[0], n); */
		/*@ assert \forall integer m; \at(ends(cmdline, m), walked) ==> ends(cmdline, m); */
		/*@ loop invariant \base_addr(cmdline) == \at(\base_addr(cmdline), Pre); loop invariant text(cmdline); loop assigns cmdline; */
		while (*cmdline == ' ')
			cmdline++;
		/*@ ghost next: ; */
		if (n && option_apply(word))
			err = -XEN_EINVAL;
		/*@ assert \forall integer m; \at(ends(cmdline, m), next) ==> ends(cmdline, m); */
	}
	if (!err)
		options.log_level = loglvl;
	return err;
}
