# SPDX-License-Identifier: Apache-2.0
# Purpose: measurements against Debian's Xen in the same QEMU on the same machine.
# Locking: none. Trust boundary: the build host.
# Use: included by the top Makefile; target bench (ROUNDS=n boots of each, THREADS='multi single').

bench: deps $(BUILD)/drive $(BUILD)/ravelin $(BUILD)/debian-xen $(BUILD)/dom0-vmlinux $(BUILD)/dom0.initrd ## prompt, xl create and user space against Debian's Xen
	@tests/bench/bench.sh $(BUILD) 'qemu-system-x86_64 -machine q35 -smp 2 -m 4096' '$(BOOT_DOM0)' '$(BOOT_CONSOLE)'

COSTS_NEEDS = deps $(BUILD)/ravelin $(BUILD)/tests/guest.elf

bench-costs: $(COSTS_NEEDS) $(BUILD)/debian-xen ## instructions of one operation, hypervisor and all, against Debian's Xen
	@tests/bench/costs.sh $(BUILD) ravelin xen
	@tests/bench/costs-table.sh $(BUILD)

bench-guard: $(COSTS_NEEDS) ## no operation costs a tenth more instructions than tests/bench/guard.table says
	@tests/bench/costs.sh $(BUILD) ravelin
	@tests/bench/guard.sh $(BUILD) tests/bench/guard.table

bench-guard-renew: $(COSTS_NEEDS) ## write that table anew
	@tests/bench/costs.sh $(BUILD) ravelin
	@tests/bench/guard.sh $(BUILD) tests/bench/guard.table renew

.PHONY: bench bench-costs bench-guard bench-guard-renew
