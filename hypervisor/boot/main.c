/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of boot: from the final address to the first domain.
 * Locking: one CPU; the others wait in cpu/smp.c.
 * Trust: the operator's options and modules; what is wrong with them ends in one line and a stop.
 */
#include <abi/shype.h>
#include <hv/audit.h>
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/edge.h>
#include <hv/flask.h>
#include <hv/gate.h>
#include <hv/guest.h>
#include <hv/options.h>
#include <hv/shype.h>
#include <hv/string.h>
#include "boot.h"
#include "pvh.h"
#include "../cpu/arch.h"
#include "../cpu/paging.h"
#include "../cpu/stop.h"
#include "../svm/svm.h"

#define FLASK_MAGIC 0xf97cff8cu

/* Global, as the compiler is told; random before the first function that is protected calls another. "used": the references come after the linker has asked. */
__attribute__((used)) uintptr_t __stack_chk_guard = 0x5bd1e995a7c3f00d;
_Noreturn void __stack_chk_fail(void);
_Noreturn void boot_continue(void);

__attribute__((used)) _Noreturn void __stack_chk_fail(void)
{
	panic("a function's stack frame was overwritten");
}

void boot_stop(const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	hv_vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	serial_sync();
	log_err("boot stopped: %s", line);
	stop_forever();
}

/* A loader that puts the file's name in front of a command line (QEMU's does). */
static __init const char *skip_name(const char *line)
{
	if (!boot_info.names_itself)
		return line;
	while (*line && *line != ' ')
		line++;
	while (*line == ' ')
		line++;
	return line;
}

static __init uint32_t module_magic(const struct boot_mod *m)
{
	const uint32_t *p;
	uint32_t magic;

	if (m->len < sizeof(*p))
		return 0;
	p = fix_map_ro(m->pa, sizeof(*p));
	if (!p)
		return 0;
	magic = *p;
	fix_unmap(p, sizeof(*p));
	return magic;
}

struct modules {
	const struct boot_mod *kernel, *initrd, *policy, *shype;
};

/* First module: the kernel; policies are known by their magic, wherever they stand; the first that is left: the initrd. */
static __init void sort_modules(struct modules *to)
{
	for (unsigned int i = 0; i < boot_info.modules; i++) {
		const struct boot_mod *m = &boot_info.module[i];

		uint32_t magic = i > 0 ? module_magic(m) : 0;

		if (magic == FLASK_MAGIC && !to->policy)
			to->policy = m;
		else if (magic == SHYPE_MAGIC && !to->shype)
			to->shype = m;
		else if (i == 0)
			to->kernel = m;
		else if (!to->initrd)
			to->initrd = m;
		else
			log_warn("boot: module %u is neither kernel, initrd nor policy and is not used", i + 1);
	}
}

static __init void policy_announce(const char *origin, size_t len)
{
	uint8_t digest[32];
	char text[65] = "";

	flask_hash(digest);
	hex_write(text, digest, sizeof(digest));
	log_info("policy: %s, %zu bytes, sha256 %s, %s%s", origin, len, text, flask_enforcing() ? "enforcing" : "PERMISSIVE",
		 options.flask_locked ? ", locked until reboot" : "");
}

static __init void policy_start(const struct boot_mod *m)
{
	const void *p = embedded_policy;
	size_t len = (size_t)(embedded_policy_end - embedded_policy);

	if (m) {
		p = fix_map_ro(m->pa, m->len);
		len = m->len;
		if (!p)
			boot_stop("the policy module is too large (%zu bytes)", len);
	}
	if (xsm_init(p, len))
		boot_stop("no policy could be loaded");
	if (options.flask_permissive && flask_set_enforcing(false))
		log_warn("flask=permissive: the policy does not grant it");
	policy_announce(m ? "from a boot module" : "embedded", len);
	if (m)
		fix_unmap(p, m->len);
}

static __init void shype_start(const struct boot_mod *m)
{
	const void *p = m ? fix_map_ro(m->pa, m->len) : NULL;

	if (!m)
		return;
	if (!p)
		boot_stop("the sHype policy module is too large (%zu bytes)", (size_t)m->len);
	if (shype_init(p, m->len))
		boot_stop("the sHype policy is refused");
	fix_unmap(p, m->len);
}

static __init void label_announce(const struct domain *d)
{
	char label[256];
	size_t needed;

	if (flask_sid_to_context(atomic_load(&d->label.sid), label, sizeof(label), &needed) == 0)
		log_info("domain %u: label %s", d->id, label);
}

static __init struct domain *dom0_build(const struct boot_mod *kernel, const struct boot_mod *initrd)
{
	struct domain *d = NULL;
	struct pvh_inputs in = {
		.mem_bytes = options.dom0_mem_bytes,
		.vcpus = options.dom0_max_vcpus ? options.dom0_max_vcpus : cpu_count,
	};

	if (!kernel)
		boot_stop("no kernel for domain 0: the first boot module is missing");
	in.kernel = (struct boot_module){ kernel->pa, kernel->len };
	in.cmdline = skip_name(kernel->cmdline);
	if (initrd)
		in.initrd = (struct boot_module){ initrd->pa, initrd->len };
	if (pvh_build_dom0(&in, &d))
		boot_stop("domain 0 could not be built");
	label_announce(d);
	return d;
}

static void host_cpuid(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	struct cpuid c = cpuid(leaf, subleaf);

	*r = (struct cpuid_regs){ c.a, c.b, c.c, c.d };
}

static __init void console_start(void)
{
	int err;

	serial_init();
	err = options_parse(skip_name(boot_info.cmdline));
	serial_init();			/* as the options want it */
	log_info("Ravelin " RAVELIN_VERSION " (x86-64, AMD SVM, mandatory access control)");
	log_info("command line: %s", options.cmdline);
	if (!boot_info.valid)
		boot_stop("not started by a multiboot loader");
	if (err)
		boot_stop("a boot option is refused, see above");
	if (boot_info.truncated)
		log_warn("boot: the loader gave more than there is room for; some of it was cut");
	log_info("started by %s, multiboot %u, image at %#lx", boot_info.loader[0] ? boot_info.loader : "?", boot_info.protocol, image_pa);
}

static __init void processor_start(void)
{
	const char *missing = svm_unsupported();

	if (missing)
		boot_stop("%s", missing);
	pic_mask_all();
	if (!acpi_init(boot_info.has_rsdp ? boot_info.rsdp : NULL))
		log_warn("acpi: no tables; one processor, no power-off, no serial input");
	time_init();
	lapic_init_cpu();
	lapic_timer_calibrate();
	serial_irq_init();
	if (svm_cpu_init())
		boot_stop("the processor's virtualisation could not be switched on");
	cpuid_host_init(host_cpuid);
	smp_start_aps();
}

void boot_seal(void)
{
	paging_unmap(image_va + (uint64_t)(init_start - image_start), (uint64_t)(init_end - init_start));
	paging_protect(image_va + (uint64_t)(roinit_start - image_start), (uint64_t)(roinit_end - roinit_start), MAP_RO);
	fix_drop_ro();
	cpu_tlb_flush_global();
}

static __init struct domain *boot_build(void)
{
	struct modules modules = { 0 };
	struct domain *dom0 = NULL;

	core_init();
	crash_report_previous();
	console_init(options.conring_bytes);
	pin_init();
	sort_modules(&modules);
	policy_start(modules.policy);
	shype_start(modules.shype);
	processor_start();
	if (audit_init())
		boot_stop("no memory for the audit log (audit_size=)");
	if (!options.selftest[0])
		dom0 = dom0_build(modules.kernel, modules.initrd);
	boot_release_modules();
	return dom0;
}

/* On CPU 0's own stack, with guards. */
_Noreturn void boot_continue(void)
{
	struct domain *dom0 = boot_build();

	boot_seal();
	if (!dom0)
		selftest_run(options.selftest);
	pvh_start_dom0(dom0);
	domain_put(dom0);
	smp_release();
	cpu_loop();
}

__attribute__((no_stack_protector)) void boot_main(void)
{
	cpu_early_init(0, 0);
	cpu_features_init();
	__stack_chk_guard = edge_random() & ~0xffull;
	paging_drop_identity();
	console_start();
	core_init();
	memory_init();
	if (cpu_alloc(0))
		boot_stop("no memory for the first processor's stacks");
	cpu_switch_stack(cpu_arch[0].stack_top, boot_continue);
}
