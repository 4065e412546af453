# SPDX-License-Identifier: Apache-2.0
# Purpose: boot tests of the hypervisor itself: bad inputs, its own protection, hostile guests.
# Locking: none. Trust boundary: the build host.

DEPS_BOOT_HV := qemu-system-x86 gzip
BOOT_HV_NEEDS = $(BUILD)/drive $(BUILD)/ravelin $(BUILD)/policy $(BUILD)/tests/guest.elf $(BUILD)/pages $(BUILD)/tests/ravelin.symbols

PAGES_SOURCES := $(wildcard tests/boot-hv/pages*.c)
$(BUILD)/pages: $(PAGES_SOURCES) tests/boot-hv/pages.h
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(DRIVE_CFLAGS) -o $@ $(PAGES_SOURCES)

$(BUILD)/tests/ravelin.symbols: $(BUILD)/ravelin
	@mkdir -p $(@D)
	@nm $(BUILD)/ravelin.elf >$@

test-boot-hv: $(BOOT_HV_NEEDS) ## boot tests in QEMU: bad inputs, self-protection, its page tables, hostile guests
	@BUILD=$(BUILD) QEMU="$(QEMU)" tests/boot-hv/run bad-inputs protection guests sweep pages

soak: soak-hypercall soak-xl ## both: ten thousand domains by hypercall, a hundred by xl; free memory stays where it was

soak-hypercall: $(BOOT_HV_NEEDS)
	@BUILD=$(BUILD) QEMU="$(QEMU)" CYCLES=10000 WAIT=900 tests/boot-hv/run guests

.PHONY: test-boot-hv soak soak-hypercall

TIME ?= 60
SEED ?= 1

hostile: $(BUILD)/ravelin $(BUILD)/tests/guest.elf ## attackers in several domains storm the hypervisor (TIME=seconds SEED=first REPEAT=1)
	@QEMU="$(QEMU)" tests/boot-hv/hostile.sh $(BUILD) $(TIME) $(SEED)

test-xen-differential: $(BUILD)/ravelin $(BUILD)/debian-xen $(BUILD)/tests/guest.elf $(BUILD)/tests/sweep.policy ## the same hypercalls on Debian's Xen: status and every byte written
	@QEMU="$(QEMU)" tests/boot-hv/differential.sh $(BUILD) $(SEED)

.PHONY: hostile test-xen-differential
