/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formatted printing into a buffer: the small set of conversions that hv/string.h promises.
 * Locking: none.
 * Trust: formats are ours (checked by the compiler); arguments may be a guest's, lengths are bounded by the buffer.
 */
#include <hv/string.h>

struct out {
	char *buf;
	size_t size;
	size_t len;		/* wanted so far, may pass size */
};

struct spec {
	bool zero, alt, wide;
	int width, precision;	/* precision -1: none */
};

static void out_char(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void out_pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		out_char(o, c);
}

static void out_string(struct out *o, const char *s, const struct spec *sp)
{
	size_t n;

	if (!s)
		s = "(null)";
	n = sp->precision >= 0 ? strnlen(s, (size_t)sp->precision) : strlen(s);
	out_pad(o, ' ', sp->width - (int)n);
	for (size_t i = 0; i < n; i++)
		out_char(o, s[i]);
}

static void out_number(struct out *o, uint64_t v, const char *prefix, unsigned int base, const struct spec *sp)
{
	char digits[20];
	int n = 0, pad;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	pad = sp->width - n - (int)strlen(prefix);
	if (!sp->zero)
		out_pad(o, ' ', pad);
	while (*prefix)
		out_char(o, *prefix++);
	if (sp->zero)
		out_pad(o, '0', pad);
	while (n)
		out_char(o, digits[--n]);
}

static const char *parse_number(const char *f, int *v)
{
	for (*v = 0; *f >= '0' && *f <= '9'; f++)
		if (*v < 100000)
			*v = *v * 10 + (*f - '0');
	return f;
}

static void out_integer(struct out *o, char conv, uint64_t v, const struct spec *sp)
{
	bool negative = conv == 'd' && (int64_t)v < 0;
	const char *prefix = negative ? "-" : sp->alt && v ? "0x" : "";

	out_number(o, negative ? 0 - v : v, prefix, conv == 'x' ? 16 : 10, sp);
}

static const char *parse_width(const char *f, struct spec *sp)
{
	for (; *f == '0' || *f == '#'; f++)
		*(*f == '0' ? &sp->zero : &sp->alt) = true;
	return parse_number(f, &sp->width);
}

int hv_vsnprintf(char *buf, size_t size, const char *f, va_list ap)
{
	struct out o = { buf, size, 0 };

	while (*f) {
		struct spec sp = { .precision = -1 };

		if (*f != '%') {
			out_char(&o, *f++);
			continue;
		}
		f = parse_width(f + 1, &sp);
		if (*f == '.' && f[1] == '*') {
			sp.precision = va_arg(ap, int);
			f += 2;
		} else if (*f == '.') {
			f = parse_number(f + 1, &sp.precision);
		}
		for (; *f == 'l' || *f == 'z'; f++)
			sp.wide = true;
		if (!*f)
			break;
		if (*f == 's')
			out_string(&o, va_arg(ap, const char *), &sp);
		else if (*f == 'c')
			out_char(&o, (char)va_arg(ap, int));
		else if (*f == 'p')
			out_number(&o, (uint64_t)(uintptr_t)va_arg(ap, void *), "0x", 16, &sp);
		else if (*f == 'd')
			out_integer(&o, *f, (uint64_t)(sp.wide ? va_arg(ap, int64_t) : va_arg(ap, int)), &sp);
		else if (*f == 'u' || *f == 'x')
			out_integer(&o, *f, sp.wide ? va_arg(ap, uint64_t) : va_arg(ap, unsigned int), &sp);
		else
			out_char(&o, *f);
		f++;
	}
	if (size)
		buf[o.len < size ? o.len : size - 1] = '\0';
	return (int)o.len;
}

int hv_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = hv_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
