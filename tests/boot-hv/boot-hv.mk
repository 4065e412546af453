# SPDX-License-Identifier: Apache-2.0
# Purpose: boot tests of the hypervisor itself: bad inputs, its own protection, hostile guests.
# Locking: none. Trust boundary: the build host.

DEPS_BOOT_HV := qemu-system-x86 gzip
BOOT_HV_NEEDS = $(BUILD)/drive $(BUILD)/ravelin $(BUILD)/policy $(BUILD)/tests/guest.elf

test-boot-hv: $(BOOT_HV_NEEDS) ## boot tests in QEMU: bad inputs, self-protection, hostile guests
	@BUILD=$(BUILD) tests/boot-hv/run bad-inputs protection guests sweep

soak: $(BOOT_HV_NEEDS) ## ten thousand domains created and destroyed: free memory stays where it was
	@BUILD=$(BUILD) CYCLES=10000 WAIT=900 tests/boot-hv/run guests

.PHONY: test-boot-hv soak
