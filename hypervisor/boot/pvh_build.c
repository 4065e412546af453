/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building domain 0 from the boot modules, step by step; the domain is destroyed again if a step fails.
 * Locking: boot CPU only; domain.lock for life. Trust: kernel and initrd are hostile input, the rest is the operator's.
 */
#include "pvh_private.h"

#include <hv/console.h>
#include <hv/gate.h>
#include <hv/shype.h>
#include <hv/string.h>
#include <xen/domctl.h>

/* As Xen gives domain 0: as many event channels as FIFO has, and what a backend domain needs of grants. */
#define DOM0_MAX_PORT		131071u
#define DOM0_GRANT_FRAMES	64u
#define DOM0_MAPTRACK_FRAMES	1024u

struct pvh_plan {
	const struct pvh_inputs *in;
	const char *cmdline;
	size_t cmdline_bytes;		/* with the NUL */
	uint64_t ram;
	struct elf_image kernel;
	struct pvh_layout layout;
};

static int plan_fail(int rc, const char *what, const char *why)
{
	log_err("dom0 %s %s", what, why);
	return rc;
}

static void source_read(void *ctx, uint64_t offset, void *dst, size_t len)
{
	pvh_module_read(ctx, offset, dst, len);
}

static int plan_inputs(struct pvh_plan *p)
{
	if (p->in->kernel.len == 0)
		return plan_fail(-XEN_ENOENT, "kernel", "is missing: it is the first boot module");
	if (p->in->vcpus == 0 || p->in->vcpus > MAX_VCPUS)
		return plan_fail(-XEN_EINVAL, "vCPUs", "are none or too many: see dom0_max_vcpus=");
	p->cmdline = p->in->cmdline ? p->in->cmdline : "";
	p->cmdline_bytes = strnlen(p->cmdline, PVH_CMDLINE_MAX) + 1;
	if (p->cmdline_bytes > PVH_CMDLINE_MAX)
		return plan_fail(-XEN_E2BIG, "command line", "is longer than 2047 characters");
	return 0;
}

static int plan_make(struct pvh_plan *p)
{
	struct boot_module kernel = p->in->kernel;
	struct elf_source source = { .size = kernel.len, .read = source_read, .ctx = &kernel };
	const char *why;
	int rc = plan_inputs(p);

	if (rc)
		return rc;
	rc = elf_parse(&source, &p->kernel, &why);
	if (rc)
		return plan_fail(rc, "kernel", why);
	p->ram = pvh_memory_choose(p->in->mem_bytes);
	if (!p->ram)
		return plan_fail(-XEN_ENOMEM, "memory:", "the machine has less than dom0_mem= asks for");
	rc = pvh_layout_make(&p->layout, &p->kernel, p->in->initrd.len, p->cmdline_bytes, p->ram, &why);
	return rc ? plan_fail(rc, "kernel:", why) : 0;
}

static int dom0_create(const struct pvh_plan *p, struct domain **out)
{
	struct domain_config c = {
		.id = 0, .build_sid = xsm_initial_sid_dom0(), .run_sid = xsm_initial_sid_dom0(), .max_vcpus = p->in->vcpus,
		.max_evtchn_port = DOM0_MAX_PORT, .max_grant_frames = DOM0_GRANT_FRAMES, .max_maptrack_frames = DOM0_MAPTRACK_FRAMES,
		.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap, .emulation_flags = XEN_X86_EMU_LAPIC, .is_control = true,
	};
	int rc = domain_create(&c, out);

	if (!rc)
		atomic_store_explicit(&(*out)->max_pages, (p->ram + PVH_ACPI_BYTES) >> PAGE_SHIFT, memory_order_relaxed);
	return rc;
}

static int dom0_populate(struct domain *d, const struct pvh_plan *p)
{
	const struct pvh_layout *l = &p->layout;
	int rc = pvh_populate(d, 0, l->low_end);

	if (!rc)
		rc = pvh_populate(d, PVH_ACPI_GPA, PVH_ACPI_BYTES);
	if (!rc)
		rc = pvh_populate(d, PVH_HIGH_START, l->high_end - PVH_HIGH_START);
	return rc;
}

static int dom0_fill(struct domain *d, const struct pvh_plan *p)
{
	const struct pvh_layout *l = &p->layout;
	gpa_t rsdp;
	int rc = pvh_load_kernel(d, &p->kernel, &p->in->kernel);

	if (!rc)
		rc = pvh_module_copy(d, l->initrd, &p->in->initrd, 0, l->initrd_bytes);
	if (!rc)
		rc = pvh_write_acpi(d, p->in->vcpus, &rsdp);
	if (!rc)
		rc = pvh_write_info(d, l, p->cmdline, rsdp);
	if (!rc)
		rc = pvh_vcpus_create(d, p->in->vcpus, p->kernel.entry, l->info);
	return rc;
}

/* It never ran: nothing depends on it yet, so it may go where a control domain may not. */
static void dom0_abandon(struct domain *d)
{
	d->is_control = false;
	while (domain_destroy(d) == -XEN_ERESTART)
		;
	domain_put(d);
}

int pvh_build_dom0(const struct pvh_inputs *in, struct domain **out)
{
	struct pvh_plan p = { .in = in };
	struct domain *d;
	int rc = plan_make(&p);

	if (rc)
		return rc;
	rc = dom0_create(&p, &d);
	if (rc)
		return plan_fail(rc, "domain", "cannot be created: out of hypervisor memory");
	rc = dom0_populate(d, &p);
	if (!rc)
		rc = dom0_fill(d, &p);
	if (rc) {
		dom0_abandon(d);
		return plan_fail(rc, "memory", "cannot be filled: out of memory");
	}
	log_info("dom0: %u MiB, %u vCPUs, kernel 0x%llx-0x%llx entry 0x%x, initrd %llu KiB", (unsigned int)(p.ram >> 20), in->vcpus,
		 (unsigned long long)p.kernel.start, (unsigned long long)p.kernel.end, p.kernel.entry, (unsigned long long)(p.layout.initrd_bytes >> 10));
	*out = d;
	return 0;
}

void pvh_start_dom0(struct domain *d)
{
	spin_lock(&d->lock);
	atomic_store_explicit(&d->life, (uint32_t)DOMAIN_RUNNING, memory_order_release);
	d->controller_pauses = 0;
	shype_domain_boot(d);
	spin_unlock(&d->lock);
	domain_unpause(d);
}
