# SPDX-License-Identifier: Apache-2.0
# Purpose: measurements against Debian's Xen in the same QEMU on the same machine (docs/BENCH.md).
# Locking: none. Trust boundary: the build host.
# Use: included by the top Makefile. Each part can be measured alone; bench does all, one after the other.

BENCH_PARTS := operations life load exits size growth
BENCH_BOOT  = $(BUILD)/drive $(BUILD)/ravelin $(BUILD)/debian-xen $(BUILD)/dom0-vmlinux $(BUILD)/dom0.initrd
BENCH_GUEST = $(BUILD)/ravelin $(BUILD)/debian-xen $(BUILD)/tests/guest.elf
BENCH_SHOW  = @tests/bench/report.sh $(BUILD) -

bench: ## everything measured beside Debian's Xen: a table, build/bench/bench.json, docs/bench.svg
	@for part in costs life load exits size growth; do $(MAKE) --no-print-directory bench-$$part >/dev/null || exit 1; done
	@$(MAKE) --no-print-directory bench-report

bench-report: ## what was measured last, again as a table, JSON and chart
	@tests/bench/report.sh $(BUILD) docs/bench.svg $(BENCH_PARTS)

bench-costs: deps $(BENCH_GUEST) ## instructions of one operation, hypervisor and all
	@rm -f $(BUILD)/bench/*.costs; for m in ravelin xen; do tests/bench/guest.sh $(BUILD) $$m costs || exit 1; done
	@tests/bench/costs.sh $(BUILD) tests/bench/xen-decoder.table
	$(BENCH_SHOW) operations

bench-life: deps $(BENCH_BOOT) $(BUILD)/tests/guest.elf ## time of a boot, xl create, user space, destroy; up to 200 domains, one of 4 GiB (ROUNDS=n, THREADS='multi single')
	@tests/bench/life.sh $(BUILD) 'qemu-system-x86_64 -machine q35 -smp 2 -m 4096' '$(BOOT_DOM0)' '$(BOOT_CONSOLE)'
	$(BENCH_SHOW) life

bench-load: deps $(BENCH_GUEST) ## computing and paging in a guest, against no hypervisor; two guests on one processor
	@tests/bench/load.sh $(BUILD)
	$(BENCH_SHOW) load

bench-exits: deps $(BENCH_BOOT) ## exits from guests by cause
	@tests/bench/exits.sh $(BUILD) '$(BOOT_QEMU)' '$(BOOT_XEN_QEMU)' '$(BOOT_DOM0)' '$(BOOT_CONSOLE)'
	$(BENCH_SHOW) exits

bench-size: deps $(BENCH_GUEST) $(BUILD)/rav $(BUILD)/policy ## lines trusted, image, memory kept, operations a guest may call
	@tests/bench/size.sh $(BUILD)
	$(BENCH_SHOW) size

bench-growth: deps $(BENCH_GUEST) ## cost as domains, grants and types become many
	@mkdir -p $(BUILD)/bench
	@$(MAKE) --no-print-directory bench-flask > $(BUILD)/bench/flask.growth
	@tests/bench/growth.sh $(BUILD)
	$(BENCH_SHOW) growth

# Debian's symbols of its Xen, not installed. Ten minutes of QEMU at most; only for another Xen or other operations.
bench-decoder: deps $(BENCH_GUEST) ## which of Xen's instructions decode an instruction's length: writes tests/bench/xen-decoder.table
	@tests/bench/decoder.sh $(BUILD) "$$(dom0-lockdown/fetch-package.sh xen-hypervisor-4.17-amd64-dbg $(BUILD)/packages)"/usr/lib/debug/boot/xen-syms-4.17-amd64 tests/bench/xen-decoder.table

bench-guard: deps $(BUILD)/ravelin $(BUILD)/tests/guest.elf ## no operation costs a tenth more instructions than tests/bench/guard.table says
	@rm -f $(BUILD)/bench/ravelin.costs; tests/bench/guest.sh $(BUILD) ravelin costs
	@tests/bench/guard.sh $(BUILD) tests/bench/guard.table

bench-guard-renew: deps $(BUILD)/ravelin $(BUILD)/tests/guest.elf ## write that table anew
	@rm -f $(BUILD)/bench/ravelin.costs; tests/bench/guest.sh $(BUILD) ravelin costs
	@tests/bench/guard.sh $(BUILD) tests/bench/guard.table renew

.PHONY: bench bench-report bench-costs bench-life bench-load bench-exits bench-size bench-growth bench-decoder bench-guard bench-guard-renew
