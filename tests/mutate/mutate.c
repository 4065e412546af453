/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes mutants: copies C files of this project's form (functions begin with a brace in column one) and puts into every function
 *   true, false	each operand of a condition, and each answer of a function that returns bool, always so
 *   skip		a loop that is never entered
 *   zero		a result (rc = f(), return f(), return -XEN_E...) that is always 0: a check without effect
 *   drop		a statement that is left out
 *   perm		another permission
 * All mutants live in one program and one is chosen when it runs (mutant.h). Usage: mutate DIRECTORY POINTS FILE... ("perm:FILE": permissions alone;
 * the copies stand in DIRECTORY under their paths; POINTS says of each mutant: number, file, line, function, what, text).
 * Locking: none. Trust: a tool of the tests.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TOKENS_MAX	40000
#define TEXT_MAX	90
#define BOOLS_MAX	64

struct token {
	const char *at;
	unsigned int len, line, match;	/* match: of a bracket, its other half */
	char kind;			/* i: name, n: number, s: string, p: punctuation, d: preprocessor line */
};

static struct token tok[TOKENS_MAX];
static unsigned int nr;
static const char *done;		/* what is copied ends here */
static FILE *out, *points;
static const char *file;
static bool perms_only;
static unsigned int next_number = 1;
static struct {
	char name[80];
	enum { RETURNS_OTHER, RETURNS_BOOL, RETURNS_INT } returns;
	unsigned int bools[BOOLS_MAX], nr_bools;	/* tokens that name its variables of type bool */
} function;

static void expression(unsigned int from, unsigned int to);
static unsigned int statement(unsigned int i);

static void die(const char *what, unsigned int line)
{
	fprintf(stderr, "mutate: %s:%u: %s\n", file, line, what);
	exit(1);
}

/* --- tokens ----------------------------------------------------------------------------------------------------------- */

static bool is(unsigned int i, const char *text)
{
	return i < nr && tok[i].len == strlen(text) && memcmp(tok[i].at, text, tok[i].len) == 0;
}

static bool is_one_of(unsigned int i, const char *const *list)
{
	for (; *list; list++)
		if (is(i, *list))
			return true;
	return false;
}

static bool starts(unsigned int i, const char *text)
{
	return i < nr && tok[i].kind == 'i' && strncmp(tok[i].at, text, strlen(text)) == 0;
}

static const char *skip_space(const char *s, unsigned int *line)
{
	for (;;) {
		if (s[0] == '/' && s[1] == '*') {
			for (s += 2; *s && !(s[0] == '*' && s[1] == '/'); s++)
				*line += *s == '\n';
			s += 2;
		} else if (isspace((unsigned char)*s)) {
			*line += *s++ == '\n';
		} else {
			return s;
		}
	}
}

static unsigned int punctuation_length(const char *s)
{
	static const char *const longer[] = { "<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=",
					      "/=", "%=", "&=", "|=", "^=", NULL };

	for (const char *const *l = longer; *l; l++)
		if (strncmp(s, *l, strlen(*l)) == 0)
			return (unsigned int)strlen(*l);
	return 1;
}

static unsigned int token_length(const char *s, char *kind)
{
	const char *e = s;

	*kind = isalpha((unsigned char)*s) || *s == '_' ? 'i' : isdigit((unsigned char)*s) ? 'n' : *s == '"' || *s == '\'' ? 's' : *s == '#' ? 'd' : 'p';
	switch (*kind) {
	case 's':
		for (e++; *e && *e != *s; e++)
			e += *e == '\\';
		return (unsigned int)(e + 1 - s);
	case 'd':
		while (*e && (*e != '\n' || e[-1] == '\\'))
			e++;
		return (unsigned int)(e - s);
	case 'p':
		return punctuation_length(s);
	default:
		while (isalnum((unsigned char)*e) || *e == '_')
			e++;
		return (unsigned int)(e - s);
	}
}

static void match_brackets(void)
{
	static unsigned int open[TOKENS_MAX];
	unsigned int depth = 0;

	for (unsigned int i = 0; i < nr; i++) {
		if (tok[i].kind != 'p' || !strchr("()[]{}", *tok[i].at))
			continue;
		if (strchr("([{", *tok[i].at)) {
			open[depth++] = i;
			continue;
		}
		if (depth == 0)
			die("a bracket too many", tok[i].line);
		tok[i].match = open[--depth];
		tok[open[depth]].match = i;
	}
	if (depth)
		die("a bracket too few", 0);
}

static void tokens_read(const char *s)
{
	unsigned int line = 1;

	for (nr = 0, s = skip_space(s, &line); *s; s = skip_space(s, &line)) {
		struct token *t = &tok[nr++];

		if (nr == TOKENS_MAX)
			die("too long", line);
		*t = (struct token){ .at = s, .line = line };
		t->len = token_length(s, &t->kind);
		for (unsigned int i = 0; i < t->len; i++)
			line += s[i] == '\n';
		s += t->len;
	}
	match_brackets();
}

/* --- writing ----------------------------------------------------------------------------------------------------------- */

static void copy_to(const char *p)
{
	fwrite(done, 1, (size_t)(p - done), out);
	done = p;
}

static void copy_through(unsigned int i)
{
	copy_to(tok[i].at + tok[i].len);
}

/* Before token i. */
static void insert(unsigned int i, const char *fmt, ...)
{
	va_list ap;

	copy_to(tok[i].at);
	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
}

/* The text from..to on one line. */
static unsigned int point(const char *what, unsigned int from, unsigned int to)
{
	const char *s = tok[from].at, *end = tok[to - 1].at + tok[to - 1].len;
	unsigned int n = 0;

	fprintf(points, "%u\t%s\t%u\t%s\t%s\t", next_number, file, tok[from].line, function.name, what);
	for (; s < end && n < TEXT_MAX; s++) {
		bool space = isspace((unsigned char)*s);

		if (space && isspace((unsigned char)s[1]))
			continue;
		fputc(space ? ' ' : *s, points);
		n++;
	}
	fputc('\n', points);
	return next_number++;
}

/* --- expressions --------------------------------------------------------------------------------------------------------- */

/* First token of the list outside of brackets, or `to`. */
static unsigned int find(unsigned int from, unsigned int to, const char *const *list)
{
	for (unsigned int i = from; i < to; i++) {
		if (is_one_of(i, list))
			return i;
		if (tok[i].match > i)
			i = tok[i].match;
	}
	return to;
}

#define FIND(from, to, ...) find(from, to, (const char *const[]){ __VA_ARGS__, NULL })
#define ASSIGNMENTS "=", "|=", "&=", "^=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>="

/* The colon of the question mark at q. */
static unsigned int colon_of(unsigned int q, unsigned int to)
{
	for (unsigned int i = q + 1, open = 1; i < to; i++) {
		open += is(i, "?");
		if (is(i, ":") && --open == 0)
			return i;
		if (tok[i].match > i)
			i = tok[i].match;
	}
	die("a question without an answer", tok[q].line);
	return to;
}

static bool is_parenthesised(unsigned int from, unsigned int to)
{
	return is(from, "(") && tok[from].match == to - 1;
}

static void condition(unsigned int from, unsigned int to);

static void split(unsigned int from, unsigned int to, const char *at, void (*each)(unsigned int from, unsigned int to))
{
	for (unsigned int end; from < to; from = end + 1) {
		end = FIND(from, to, at);
		each(from, end);
		if (end < to)
			copy_through(end);
	}
}

static void condition_atom(unsigned int from, unsigned int to)
{
	unsigned int n;

	if (to - from == 1 && (tok[from].kind == 'n' || is(from, "true") || is(from, "false")))
		return;
	n = point("true", from, to);
	point("false", from, to);
	insert(from, "MUT_BOOL(%u, ", n);
	expression(from, to);
	copy_through(to - 1);
	fputc(')', out);
}

/* Each operand of it. */
static void condition(unsigned int from, unsigned int to)
{
	unsigned int at;

	if (from >= to)
		return;
	if (perms_only) {
		expression(from, to);
	} else if ((at = FIND(from, to, ",")) < to) {
		expression(from, at);
		condition(at + 1, to);
	} else if (FIND(from, to, ASSIGNMENTS) < to) {
		condition_atom(from, to);
	} else if ((at = FIND(from, to, "?")) < to) {
		unsigned int colon = colon_of(at, to);

		condition(from, at);
		condition(at + 1, colon);
		condition(colon + 1, to);
	} else if (FIND(from, to, "||") < to) {
		split(from, to, "||", condition);
	} else if (FIND(from, to, "&&") < to) {
		split(from, to, "&&", condition);
	} else if (is_parenthesised(from, to)) {
		condition(from + 1, to - 1);
	} else if (is(from, "!") && is_parenthesised(from + 1, to)) {
		condition(from + 2, to - 1);
	} else {
		condition_atom(from, to);
	}
}

/* The readers' checks: "require(r, condition, why not)". i: its bracket. */
static void requirement(unsigned int i)
{
	unsigned int end = tok[i].match, at = FIND(i + 1, end, ","), why = FIND(at + 1, end, ",");

	expression(i + 1, at);
	condition(at + 1, why);
	expression(why + 1, end);
}

static void expression_plain(unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++) {
		if (!perms_only && i + 1 < to && is(i + 1, "(") && (is(i, "require") || is(i, "reader_require"))) {
			requirement(i + 1);
			i = tok[i + 1].match;
			continue;
		}
		if (starts(i, "PERM_") && !is(i, "PERM_INVALID") && !is(i, "PERM_COUNT") && !is(i + 1, "(")) {
			insert(i, "MUT_PERM(%u, ", point("perm", i, i + 1));
			copy_through(i);
			fputc(')', out);
		}
		if (tok[i].match > i) {
			expression(i + 1, tok[i].match);
			i = tok[i].match;
		}
	}
}

/* Conditions within it, and permissions. */
static void expression(unsigned int from, unsigned int to)
{
	unsigned int at;

	if ((at = FIND(from, to, ",", ";")) < to) {
		expression(from, at);
		expression(at + 1, to);
	} else if ((at = FIND(from, to, ASSIGNMENTS)) < to) {
		expression_plain(from, at);
		expression(at + 1, to);
	} else if (!perms_only && (at = FIND(from, to, "?")) < to) {
		unsigned int colon = colon_of(at, to);

		condition(from, at);
		expression(at + 1, colon);
		expression(colon + 1, to);
	} else if (!perms_only && FIND(from, to, "||", "&&") < to) {
		condition(from, to);
	} else {
		expression_plain(from, to);
	}
}

/* A result: 0 is success. */
static void result(unsigned int from, unsigned int to)
{
	unsigned int at = FIND(from, to, "?");

	if (perms_only || to - from < 2 || FIND(from, to, ASSIGNMENTS, ",") < to) {
		expression(from, to);
	} else if (at < to) {
		unsigned int colon = colon_of(at, to);

		condition(from, at);
		result(at + 1, colon);
		result(colon + 1, to);
	} else {
		insert(from, "MUT_ZERO(%u, ", point("zero", from, to));
		expression(from, to);
		copy_through(to - 1);
		fputc(')', out);
	}
}

/* --- statements ------------------------------------------------------------------------------------------------------------ */

static bool is_bool_variable(unsigned int i)
{
	for (unsigned int k = 0; k < function.nr_bools; k++) {
		const struct token *b = &tok[function.bools[k]];

		if (tok[i].len == b->len && memcmp(tok[i].at, b->at, b->len) == 0)
			return true;
	}
	return false;
}

/* What is assigned to the variable named at `name`. */
static void initializer(unsigned int name, unsigned int from, unsigned int to)
{
	if (is(name, "rc"))
		result(from, to);
	else if (is_bool_variable(name))
		condition(from, to);
	else
		expression(from, to);
}

static bool is_declaration(unsigned int i)
{
	static const char *const words[] = { "static", "const", "struct", "enum", "union", "unsigned", "volatile", "_Alignas", "__typeof__", NULL };

	if (is_one_of(i, words))
		return true;
	return tok[i].kind == 'i' && (tok[i + 1].kind == 'i' || (is(i + 1, "*") && tok[i + 2].kind == 'i'));
}

static void declaration(unsigned int from, unsigned int to)
{
	bool bools = is(from, "bool");

	if (is(from, "static"))
		return;
	for (unsigned int end; from < to; from = end + 1) {
		unsigned int eq;

		end = FIND(from, to, ",");
		eq = FIND(from, end, "=");
		if (bools && function.nr_bools < BOOLS_MAX && tok[eq - 1].kind == 'i')
			function.bools[function.nr_bools++] = eq - 1;
		if (eq < end)
			initializer(eq - 1, eq + 1, end);
	}
}

/* What belongs to locks, logs and memory order is no decision. */
static bool is_droppable(unsigned int i)
{
	static const char *const kept[] = { "spin_lock", "spin_unlock", "read_lock", "read_unlock", "write_lock", "write_unlock", "domain_lock_pair",
		"domain_unlock_pair", "spin_lock_init", "atomic_thread_fence", "va_start", "va_end", "BUG_ON", "BUILD_BUG_ON", "log_err", "log_info",
		"log_warn", "sidtab_lock", "sidtab_unlock", NULL };

	if (is(i, "(") && is(i + 1, "void") && is(i + 4, ";"))		/* a parameter that is not used */
		return false;
	return !perms_only && !is_one_of(i, kept);
}

/* Until its semicolon; an expression, a declaration or a macro that opens a block. */
static unsigned int statement_plain(unsigned int i)
{
	unsigned int end, eq;

	if (tok[i].kind == 'i' && is(i + 1, "(") && (is(tok[i + 1].match + 1, "{") || tok[tok[i + 1].match + 1].kind == 'i'))
		return statement(tok[i + 1].match + 1);
	end = FIND(i, nr, ";");
	if (is_declaration(i)) {
		declaration(i, end);
	} else if (is_droppable(i)) {
		insert(i, "{ MUT_KEEPS(%u) ", point("drop", i, end));
		eq = FIND(i, end, "=");
		if (eq < end) {
			expression_plain(i, eq);
			initializer(eq == i + 1 ? i : nr, eq + 1, end);
		} else {
			expression(i, end);
		}
		copy_through(end);
		fputs(" }", out);
	} else {
		expression(i, end);
	}
	return end + 1;
}

static unsigned int statement_if(unsigned int i)
{
	unsigned int close = tok[i + 1].match;

	condition(i + 2, close);
	i = statement(close + 1);
	return is(i, "else") ? statement(i + 1) : i;
}

static void loop_condition(unsigned int from, unsigned int to)
{
	if (perms_only || from >= to)
		return;
	insert(from, "MUT_LOOP(%u, ", point("skip", from, to));
	copy_through(to - 1);
	fputc(')', out);
}

static unsigned int statement_loop(unsigned int i)
{
	unsigned int open = i + 1, close = tok[open].match, first = FIND(open + 1, close, ";");

	if (is(i, "while"))
		loop_condition(open + 1, close);
	else
		loop_condition(first + 1, FIND(first + 1, close, ";"));
	return statement(close + 1);
}

static unsigned int statement_return(unsigned int i)
{
	unsigned int end = FIND(i, nr, ";");

	if (function.returns == RETURNS_BOOL)
		condition(i + 1, end);
	else if (function.returns == RETURNS_INT)
		result(i + 1, end);
	else
		expression(i + 1, end);
	return end + 1;
}

static unsigned int statement_block(unsigned int i)
{
	unsigned int end = tok[i].match;

	for (i++; i < end;)
		i = statement(i);
	return end + 1;
}

/* Returns what comes after. */
static unsigned int statement(unsigned int i)
{
	if (tok[i].kind == 'd' || is(i, ";"))
		return i + 1;
	if (is(i, "{"))
		return statement_block(i);
	if (is(i, "if"))
		return statement_if(i);
	if (is(i, "while") || is(i, "for"))
		return statement_loop(i);
	if (is(i, "do"))
		return FIND(statement(i + 1), nr, ";") + 1;
	if (is(i, "switch"))
		return statement(tok[i + 1].match + 1);
	if (is(i, "case") || is(i, "default") || (tok[i].kind == 'i' && is(i + 1, ":")))
		return FIND(i, nr, ":") + 1;
	if (is(i, "return"))
		return statement_return(i);
	if (is(i, "goto") || is(i, "break") || is(i, "continue") || is(i, "_Static_assert"))
		return FIND(i, nr, ";") + 1;
	return statement_plain(i);
}

/* --- functions ----------------------------------------------------------------------------------------------------------------- */

/* Its head ends before the brace at i. */
static void function_begin(unsigned int i)
{
	unsigned int open = tok[i - 1].match, from = i - 1;

	while (from > 0 && !is(from - 1, ";") && !is(from - 1, "}") && tok[from - 1].kind != 'd')
		from--;
	memset(&function, 0, sizeof(function));
	snprintf(function.name, sizeof(function.name), "%.*s", (int)tok[open - 1].len, tok[open - 1].at);
	if (is(open - 2, "*"))
		return;
	if (is(open - 2, "bool"))
		function.returns = RETURNS_BOOL;
	for (; from < open; from++)
		if (is(from, "int") || is(from, "int64_t"))
			function.returns = RETURNS_INT;
}

static void mutate(const char *text)
{
	tokens_read(text);
	done = text;
	fprintf(out, "#include \"tests/mutate/mutant.h\"\n#line 1 \"%s\"\n", file);
	for (unsigned int i = 0; i < nr; i++)
		if (is(i, "{") && i > 0 && is(i - 1, ")") && (tok[i].at == text || tok[i].at[-1] == '\n')) {
			function_begin(i);
			i = statement(i) - 1;
		}
	copy_to(text + strlen(text));
}

static char *file_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (!f || !text || fread(text, 1, (1 << 20) - 1, f) == 0) {
		perror(path);
		exit(1);
	}
	fclose(f);
	return text;
}

static FILE *file_create(const char *directory, const char *name)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	for (char *s = strchr(path + 1, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdir(path, 0777);
		*s = '/';
	}
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

int main(int argc, char **argv)
{
	if (argc < 4 || !(points = fopen(argv[2], "w")))
		return 1;
	for (int i = 3; i < argc; i++) {
		char *text;

		perms_only = strncmp(argv[i], "perm:", 5) == 0;
		file = argv[i] + (perms_only ? 5 : 0);
		text = file_read(file);
		out = file_create(argv[1], file);
		mutate(text);
		fclose(out);
		free(text);
	}
	return fclose(points) != 0;
}
