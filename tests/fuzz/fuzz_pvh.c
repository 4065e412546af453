/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first domain built from any kernel, initrd and numbers: made whole, or refused with a line and nothing left behind. The kernel is a good one
 * with bytes changed, as in fuzz_elf, or the input as it is.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include <hv/gate.h>
#include <hv/mm.h>

#include "../../hypervisor/boot/pvh.h"
#include "../hosted/elf_maker.h"
#include "hosted.h"
#include "invariants.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct domain *keeper;		/* of the frames in which modules lie */
static mfn_t first;
static uint64_t free_pages;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct domain_config c = { .id = 9, .max_vcpus = 1, .max_evtchn_port = 1023, .max_grant_frames = 1, .max_maptrack_frames = 1 };

	(void)argc;
	(void)argv;
	hosted_machine_init();
	hosted_machine_unchecked();
	c.build_sid = c.run_sid = xsm_initial_sid_dom0();
	if (domain_create(&c, &keeper) != 0)
		abort();
	keeper->max_pages = 1024;
	if (guest_frames_alloc(keeper, 9, &first) != 0)
		abort();
	free_pages = guest_pages_free();
	return 0;
}

static struct boot_module kernel_place(const uint8_t *data, size_t len, bool as_it_is)
{
	static struct elf_maker m;
	const void *bytes = data;
	size_t skew = len % 16;

	if (!as_it_is) {
		elf_maker_init(&m);
		for (size_t i = 0; i + 4 <= len; i += 4) {
			unsigned int at = (data[i] | (unsigned int)data[i + 1] << 8) % 0x240;

			for (unsigned int n = 0; n <= data[i + 3] % 8u; n++)
				m.bytes[at + n] = data[i + 2];
		}
		bytes = m.bytes;
		len = m.len;
	}
	if (len > PAGE_SIZE * 256)
		len = PAGE_SIZE * 256;
	memcpy((uint8_t *)hosted_mfn_va(first) + skew, bytes, len);
	return (struct boot_module){ (first << PAGE_SHIFT) + skew, len };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pvh_inputs in = { .cmdline = "console=hvc0" };
	struct domain *d;

	if (len < 6)
		return 0;
	hosted_console_clear();
	in.mem_bytes = (uint64_t)(data[0] | data[1] << 8) << 14;
	in.vcpus = 1 + data[2] % MAX_VCPUS;
	in.initrd = (struct boot_module){ ((first + 300) << PAGE_SHIFT) + data[3], (size_t)data[4] << 8 };
	in.kernel = kernel_place(data + 6, len - 6, data[5] & 1);
	if (pvh_build_dom0(&in, &d) == 0) {
		d->is_control = false;
		hosted_domain_kill(d);
	} else if (!*hosted_console()) {
		abort();
	}
	if (guest_pages_free() != free_pages)
		abort();
	return 0;
}
