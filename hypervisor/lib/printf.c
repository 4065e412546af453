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
	bool left, zero, alt, plus;
	int width, precision;	/* precision -1: none */
	char size;		/* 'c' hh, 's' h, 'i' none, 'l' l, ll and z */
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
	if (!sp->left)
		out_pad(o, ' ', sp->width - (int)n);
	for (size_t i = 0; i < n; i++)
		out_char(o, s[i]);
	if (sp->left)
		out_pad(o, ' ', sp->width - (int)n);
}

static const char *number_prefix(const struct spec *sp, bool negative, char conv, uint64_t v)
{
	if (negative)
		return "-";
	if (conv == 'p' || (sp->alt && conv == 'x' && v))
		return "0x";
	return sp->plus ? "+" : "";
}

static void out_number(struct out *o, uint64_t v, bool negative, char conv, const struct spec *sp)
{
	const char *set = conv == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned int base = conv == 'd' || conv == 'u' ? 10 : 16;
	const char *prefix = number_prefix(sp, negative, conv, v);
	int plen = (int)strlen(prefix), n = 0, zeros;
	char digits[20];

	while (v) {
		digits[n++] = set[v % base];
		v /= base;
	}
	zeros = sp->precision >= 0 ? sp->precision - n : 1 - n;
	if (zeros < 0)
		zeros = 0;
	if (sp->zero && !sp->left && sp->precision < 0 && sp->width - plen - n > zeros)
		zeros = sp->width - plen - n;
	if (!sp->left)
		out_pad(o, ' ', sp->width - plen - zeros - n);
	while (*prefix)
		out_char(o, *prefix++);
	out_pad(o, '0', zeros);
	for (int i = n; i-- > 0;)
		out_char(o, digits[i]);
	if (sp->left)
		out_pad(o, ' ', sp->width - plen - zeros - n);
}

static const char *parse_number(const char *f, int *v)
{
	int n = 0;

	for (; *f >= '0' && *f <= '9'; f++)
		if (n < 100000)
			n = n * 10 + (*f - '0');
	*v = n;
	return f;
}

static const char *parse_flags(const char *f, struct spec *sp)
{
	for (;; f++) {
		if (*f == '-')
			sp->left = true;
		else if (*f == '0')
			sp->zero = true;
		else if (*f == '#')
			sp->alt = true;
		else if (*f == '+')
			sp->plus = true;
		else
			return f;
	}
}

static const char *parse_size(const char *f, struct spec *sp)
{
	if (*f == 'h') {
		sp->size = f[1] == 'h' ? 'c' : 's';
		return f + (f[1] == 'h' ? 2 : 1);
	}
	while (*f == 'l' || *f == 'z' || *f == 'j' || *f == 't') {
		sp->size = 'l';
		f++;
	}
	return f;
}

static int64_t as_signed(uint64_t v, char size)
{
	switch (size) {
	case 'c':
		return (int8_t)v;
	case 's':
		return (int16_t)v;
	case 'i':
		return (int32_t)v;
	default:
		return (int64_t)v;
	}
}

static uint64_t as_unsigned(uint64_t v, char size)
{
	switch (size) {
	case 'c':
		return (uint8_t)v;
	case 's':
		return (uint16_t)v;
	case 'i':
		return (uint32_t)v;
	default:
		return v;
	}
}

static void out_integer(struct out *o, uint64_t raw, char conv, const struct spec *sp)
{
	if (conv == 'd' || conv == 'i') {
		int64_t v = as_signed(raw, sp->size);

		out_number(o, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0, 'd', sp);
	} else {
		out_number(o, as_unsigned(raw, sp->size), false, conv, sp);
	}
}

int hv_vsnprintf(char *buf, size_t size, const char *f, va_list ap)
{
	struct out o = { buf, size, 0 };

	while (*f) {
		struct spec sp = { .precision = -1, .size = 'i' };
		char c;

		if (*f != '%') {
			out_char(&o, *f++);
			continue;
		}
		f = parse_flags(f + 1, &sp);
		if (*f == '*') {
			sp.width = va_arg(ap, int);
			f++;
		} else {
			f = parse_number(f, &sp.width);
		}
		if (*f == '.') {
			if (f[1] == '*') {
				sp.precision = va_arg(ap, int);
				f += 2;
			} else {
				f = parse_number(f + 1, &sp.precision);
			}
		}
		f = parse_size(f, &sp);
		c = *f;
		if (!c)
			break;
		f++;
		if (c == 's')
			out_string(&o, va_arg(ap, const char *), &sp);
		else if (c == 'c')
			out_char(&o, (char)va_arg(ap, int));
		else if (c == 'p')
			out_number(&o, (uint64_t)(uintptr_t)va_arg(ap, void *), false, 'p', &sp);
		else if (c == '%')
			out_char(&o, '%');
		else if (c == 'd' || c == 'i' || c == 'u' || c == 'x' || c == 'X')
			out_integer(&o, sp.size == 'l' ? va_arg(ap, uint64_t) : va_arg(ap, unsigned int), c, &sp);
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
