/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System time: nanoseconds since boot, from the TSC, which is measured once against the ACPI PM timer or the PIT.
 * Locking: written at boot only.
 * Trust: no guest data.
 */
#include <hv/console.h>
#include <hv/edge.h>
#include "arch.h"

#define PM_TIMER_HZ 3579545u
#define PIT_HZ 1193182u
#define ROUNDS 3

static uint64_t tsc_khz __ro_after_init, tsc_base __ro_after_init, wallclock_s __ro_after_init;
static uint32_t tsc_mul __ro_after_init;
static int8_t tsc_shift __ro_after_init;

struct sample {
	uint64_t tsc, noise;
	uint32_t count;
};

static uint32_t pm_read(void)
{
	return in32(fadt_info.pm_timer) & 0xffffff;
}

/* A reading of the PM timer with the TSC around it as close as can be had: an emulated CPU may be stopped between the two. */
static __init struct sample pm_sample(void)
{
	struct sample best = { 0, UINT64_MAX, 0 };

	for (int i = 0; i < 8; i++) {
		uint64_t before = rdtsc();
		uint32_t count = pm_read();
		uint64_t after = rdtsc();

		if (after - before < best.noise)
			best = (struct sample){ before + (after - before) / 2, after - before, count };
	}
	return best;
}

static __init uint64_t khz_by_pm(void)
{
	struct sample a = pm_sample(), b;
	uint64_t ticks;
	uint32_t now, tries = 0;

	do {
		now = pm_read();
		if (++tries > 1000000 && now == a.count)
			return 0;	/* it does not count */
	} while (((now - a.count) & 0xffffff) < PM_TIMER_HZ / 100);
	b = pm_sample();
	ticks = (b.count - a.count) & 0xffffff;
	return (b.tsc - a.tsc) * PM_TIMER_HZ / ticks / 1000;
}

/* PIT channel 2, mode 0, gated through port 0x61: output goes high after 10 ms. */
static __init uint64_t khz_by_pit(void)
{
	uint32_t count = PIT_HZ / 100;
	uint64_t start, end;

	out8(0x61, (uint8_t)((in8(0x61) & ~2) | 1));
	out8(0x43, 0xb0);
	out8(0x42, (uint8_t)count);
	out8(0x42, (uint8_t)(count >> 8));
	start = rdtsc();
	while (!(in8(0x61) & 0x20))
		if (rdtsc() - start > 100000000000ull)
			return 0;
	end = rdtsc();
	return (end - start) / 10;
}

static __init uint64_t measure(void)
{
	uint64_t r[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		r[i] = fadt_info.pm_timer ? khz_by_pm() : khz_by_pit();
		for (int k = i; k > 0 && r[k] < r[k - 1]; k--) {
			uint64_t t = r[k];

			r[k] = r[k - 1];
			r[k - 1] = t;
		}
	}
	return r[ROUNDS / 2];
}

/* --- the CMOS clock ------------------------------------------------------------------------------------------------- */

static __init uint8_t cmos(uint8_t reg)
{
	out8(0x70, (uint8_t)(reg | 0x80));
	return in8(0x71);
}

struct rtc {
	uint8_t sec, min, hour, day, month, year, century, mode;
};

static __init struct rtc rtc_read_once(void)
{
	for (unsigned int i = 0; i < 1000000 && (cmos(0x0a) & 0x80); i++)
		cpu_pause();
	return (struct rtc){ cmos(0), cmos(2), cmos(4), cmos(7), cmos(8), cmos(9), cmos(0x32), cmos(0x0b) };
}

static __init uint32_t from_bcd(uint8_t v, uint8_t mode)
{
	return mode & 4 ? v : (uint32_t)(v >> 4) * 10 + (v & 15);
}

static __init uint64_t days_since_1970(uint32_t year, uint32_t month, uint32_t day)
{
	static const uint16_t before[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	uint32_t y = year - 1;
	uint64_t days = (uint64_t)(year - 1970) * 365 + (y / 4 - y / 100 + y / 400) - 477;
	bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return days + before[(month - 1) % 12] + (leap && month > 2) + day - 1;
}

static __init uint64_t rtc_seconds(void)
{
	struct rtc a = rtc_read_once(), b = rtc_read_once();
	uint32_t hour, year, century;

	for (int i = 0; i < 10 && a.sec != b.sec; i++) {
		a = b;
		b = rtc_read_once();
	}
	hour = from_bcd(b.hour & 0x7f, b.mode);
	if (!(b.mode & 2))
		hour = hour % 12 + (b.hour & 0x80 ? 12 : 0);
	century = from_bcd(b.century, b.mode);
	year = from_bcd(b.year, b.mode) + (century >= 19 && century <= 21 ? century * 100 : 2000);
	if (year < 1970 || !b.month || !b.day)
		return 0;
	return ((days_since_1970(year, from_bcd(b.month, b.mode), from_bcd(b.day, b.mode)) * 24 + hour) * 60 +
		from_bcd(b.min, b.mode)) * 60 + from_bcd(b.sec, b.mode);
}

/* ns = ((tsc << shift) * mul) >> 32, mul in [2^31, 2^32): as pvclock has it. */
static __init void set_scale(uint64_t khz)
{
	uint64_t hz = khz * 1000, per_s = 1000000000;
	int8_t shift = 0;

	while (hz > per_s * 2) {
		hz >>= 1;
		shift--;
	}
	while (hz <= per_s) {
		hz <<= 1;
		shift++;
	}
	tsc_mul = (uint32_t)((per_s << 32) / hz);
	tsc_shift = shift;
}

__init void time_init(void)
{
	tsc_khz = measure();
	if (tsc_khz < 1000)
		panic("the TSC cannot be measured against the %s", fadt_info.pm_timer ? "PM timer" : "PIT");
	set_scale(tsc_khz);
	tsc_base = rdtsc();
	wallclock_s = rtc_seconds();
	log_info("time: TSC %lu.%03lu MHz, measured against the %s", tsc_khz / 1000, tsc_khz % 1000,
		 fadt_info.pm_timer ? "ACPI PM timer" : "PIT");
}

uint64_t edge_tsc(void)
{
	return rdtsc();
}

uint64_t edge_tsc_khz(void)
{
	return tsc_khz;
}

uint64_t edge_now_ns(void)
{
	uint64_t delta = rdtsc() - tsc_base;

	if (tsc_shift >= 0)
		delta <<= tsc_shift;
	else
		delta >>= -tsc_shift;
	return (uint64_t)((unsigned __int128)delta * tsc_mul >> 32);
}

uint32_t edge_tsc_mul(void)
{
	return tsc_mul;
}

int8_t edge_tsc_shift(void)
{
	return tsc_shift;
}

uint64_t edge_tsc_base(void)
{
	return tsc_base;
}

uint64_t edge_boot_wallclock_s(void)
{
	return wallclock_s;
}
