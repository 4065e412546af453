# Ravelin: the one entry point. `make help` lists what there is.
# Each folder's own .mk names its sources, its packages (DEPS_*) and its targets.

BUILD   := build
SHELL   := /bin/bash -o pipefail
MAKEFLAGS += --no-builtin-rules
CC      := gcc
HOSTCC  := gcc
VERSION := 0.1
# One thread for all CPUs of a machine: with a thread for each, QEMU 7.2 now and then ends the whole machine by a triple fault. FLDENV, FXRSTOR and XRSTOR on
# any CPU write to the *first* CPU's hidden flags without a lock (cpu_clear_ignne), and may bring the nested-paging bit back that its #VMEXIT has just cleared.
# A guest that loops on FLDENV on one CPU and makes hypercalls on the other shows it in seconds, whatever the hypervisor.
QEMU_THREADS := single
QEMU := qemu-system-x86_64 -accel tcg,thread=$(QEMU_THREADS)

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:

WARN := -Wall -Wextra -Werror -Wconversion -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes -Wswitch-enum \
	-Wno-address-of-packed-member
INC  := -Ihypervisor/include -I$(BUILD)/gen
# xen/ headers: the tools' side (domctl, sysctl) at the interface version of 4.17.
ABI  := -D__XEN_TOOLS__ -D__XEN_INTERFACE_VERSION__=0x00041100

# No check for null pointers: the lower half of the address space is not mapped (selftest=null), so such an access faults by itself.
HV_CFLAGS := -std=gnu17 -O2 -g $(WARN) $(INC) $(ABI) -ffreestanding -nostdlib -fPIE -fvisibility=hidden \
	-mno-red-zone -mgeneral-regs-only -fno-omit-frame-pointer -fno-strict-aliasing -fno-delete-null-pointer-checks -fno-common \
	-fstack-protector-strong -mstack-protector-guard=global -fcf-protection=full -mindirect-branch-register \
	-fsanitize=bounds,shift,signed-integer-overflow,integer-divide-by-zero,unreachable,vla-bound,bool,enum \
	-fsanitize-undefined-trap-on-error -ffunction-sections -fdata-sections -DRAVELIN_VERSION='"$(VERSION)"'

# Each object holds machine code, which check-symbols looks at, and what hypervisor.mk makes one program of. Identical functions stay apart:
# one of them could be in .init.text, which boot unmaps.
HV_LTO := -flto -ffat-lto-objects -fno-ipa-icf

# Sources, found by folder: a test compares what both builds take.
PORTABLE_SRCS := $(sort $(wildcard hypervisor/core/*.c hypervisor/hypercall/*.c hypervisor/guest/*.c hypervisor/lib/*.c \
	hypervisor/boot/pvh_*.c hypervisor/boot/elf_*.c hypervisor/boot/acpi_*.c xsm/*.c xsm/flask/*.c xsm/shype/*.c))
PORTABLE_SRCS := $(filter-out hypervisor/hypercall/opgen.c,$(PORTABLE_SRCS))
HARDWARE_SRCS := $(sort $(filter-out $(PORTABLE_SRCS),$(wildcard hypervisor/boot/*.c hypervisor/cpu/*.c hypervisor/svm/*.c)))
HARDWARE_ASM  := $(sort $(wildcard hypervisor/boot/*.S hypervisor/cpu/*.S hypervisor/svm/*.S))
HV_OBJS := $(patsubst %.c,$(BUILD)/hv/%.o,$(PORTABLE_SRCS) $(HARDWARE_SRCS)) $(patsubst %.S,$(BUILD)/hv/%.o,$(HARDWARE_ASM))

DEPS_BUILD := gcc make libc6-dev libxen-dev
DEPS_TESTS := universal-ctags binutils

all: ## build the hypervisor, the policy, the images and the tools

-include hypervisor/hypervisor.mk xsm/xsm.mk policy/policy.mk dom0-lockdown/dom0-lockdown.mk vtpm/vtpm.mk tools/tools.mk
-include $(wildcard tests/*/*.mk)

$(BUILD)/hv/%.o: %.c | $(BUILD)/.deps $(GENERATED)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(HV_CFLAGS) $(HV_LTO) -I$(dir $<) -MMD -MP -c -o $@ $<

$(BUILD)/hv/%.o: %.S | $(BUILD)/.deps $(GENERATED)
	@mkdir -p $(@D)
	@echo "  AS      $<"
	@$(CC) $(INC) -D__ASSEMBLY__ -Ihypervisor/boot -Ihypervisor/cpu -I$(dir $<) -fPIE -MMD -MP -c -o $@ $<

-include $(HV_OBJS:.o=.d)

# Compile one folder alone: make check-compile D=hypervisor/core
check-compile: $(patsubst %.c,$(BUILD)/hv/%.o,$(wildcard $(D)/*.c))

DEPS := $(sort $(foreach v,$(filter DEPS_%,$(.VARIABLES)),$($(v))))
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

$(BUILD)/.deps: Makefile $(wildcard */*.mk tests/*/*.mk)
	@mkdir -p $(@D)
	@missing=$$(for p in $(DEPS); do dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		echo "installing:" $$missing; \
		$(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
	fi
	@touch $@

deps: $(BUILD)/.deps ## install the Debian packages that are missing (root or sudo)

check-symbols: $(HV_OBJS) ## raw lookups are referenced from the reviewed objects alone
	@tests/suite/check-symbols $(BUILD)/hv $(HV_OBJS)

check-sources: $(HV_OBJS) $(BUILD)/hosted/libhv.a ## both builds take the same portable sources
	@tests/suite/check-sources $(BUILD) $(PORTABLE_SRCS)

check-budgets: ## sizes of the trusted computing base, files, functions
	@tests/suite/check-budgets

# One part of the suite: name=command.
test: deps ## every test; the last line is "N passed, N failed"
	@tests/suite/run \
		'build=$(MAKE) --no-print-directory -j2 all && echo "1 passed, 0 failed"' \
		'budgets=$(MAKE) --no-print-directory check-budgets' \
		'symbols=$(MAKE) --no-print-directory check-symbols' \
		'lint=$(MAKE) --no-print-directory lint' \
		'prove=$(MAKE) --no-print-directory prove-quick' \
		'operations=$(MAKE) --no-print-directory check-operations' \
		'hosted=$(MAKE) --no-print-directory -j2 test-hosted' \
		'sources=$(MAKE) --no-print-directory check-sources' \
		'threads=$(MAKE) --no-print-directory -j2 test-tsan' \
		'plant=$(MAKE) --no-print-directory test-plant' \
		'fuzz=$(MAKE) --no-print-directory test-fuzz' \
		'rav-policy=$(MAKE) --no-print-directory -j2 test-rav-policy' \
		'rav-audit=$(MAKE) --no-print-directory -j2 test-rav-audit' \
		'image=$(MAKE) --no-print-directory test-image' \
		'boot=$(MAKE) --no-print-directory test-boot-hv' \
		'hostile=$(MAKE) --no-print-directory hostile TIME=0' \
		'differential=$(MAKE) --no-print-directory test-xen-differential' \
		'guard=$(MAKE) --no-print-directory bench-guard' \
		'iso=$(MAKE) --no-print-directory test-iso' \
		'soak=tests/suite/count $(MAKE) --no-print-directory soak-xl CYCLES=3' \
		'audit=tests/suite/count $(MAKE) --no-print-directory demo-audit' \
		'policy=tests/suite/count $(MAKE) --no-print-directory demo-policy' \
		'flask=tests/suite/count $(MAKE) --no-print-directory demo-flask' \
		'booleans=tests/suite/count $(MAKE) --no-print-directory demo-booleans' \
		'shype=tests/suite/count $(MAKE) --no-print-directory demo-shype' \
		'scenario=tests/suite/count $(MAKE) --no-print-directory demo'

clean: ## remove everything that was built
	rm -rf $(BUILD)

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' Makefile $(wildcard */*.mk tests/*/*.mk) | LC_ALL=C sort | awk -F':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

.PHONY: all deps test clean help check-compile check-symbols check-sources check-budgets
