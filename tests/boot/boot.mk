# SPDX-License-Identifier: Apache-2.0
# Purpose: the driver of QEMU, the scenario and the other boot tests.
# Locking: none. Trust boundary: the build host.
# Use: included by the top Makefile; targets $(BUILD)/drive, run, demo, test-boot.

BUILD ?= build
DEPS_IMAGE += qemu-system-x86 policycoreutils-python-utils secilc

DRIVE_SOURCES := $(sort $(wildcard tests/boot/drive/*.c))
DRIVE_CFLAGS := -std=gnu17 -O2 -g -D_GNU_SOURCE -Wall -Wextra -Werror -Wconversion -Wshadow -Wvla \
	-Wmissing-prototypes -Wstrict-prototypes -Wswitch-enum -fstack-protector-strong

$(BUILD)/drive: $(DRIVE_SOURCES) $(wildcard tests/boot/drive/*.h)
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(DRIVE_CFLAGS) -o $@ $(DRIVE_SOURCES)

# QEMU as the reference machine; Ravelin needs no IOMMU, Debian's Xen does for a PVH dom0.
BOOT_QEMU := $(QEMU) -machine q35 -cpu EPYC,+svm,+npt,-rdtscp -smp 2 -m 4096
BOOT_XEN_QEMU := $(QEMU) -machine q35,kernel-irqchip=off -cpu EPYC,+svm,+npt,-monitor,-rdtscp \
	-smp 2 -m 4096 -device amd-iommu
BOOT_DOM0 := $(BUILD)/dom0-vmlinux console=hvc0 quiet loglevel=3,$(BUILD)/dom0.initrd
BOOT_CONSOLE := com1=115200,8n1 console=com1 dom0_mem=1024M

SCENARIO = $(BUILD)/drive -D LOG=$(BUILD)/scenario.log -D LOAD=300 -D XSM=1 -D POLICY=$(BUILD)/policy \
	-D POLICY_CIL='$(POLICY_GEN) $(POLICY_CIL)' -D OUT=$(BUILD)/policy.mended -D MODULES='$(BOOT_DOM0)' \
	-D QEMU="$(BOOT_QEMU) -kernel $(BUILD)/ravelin -append '$(BOOT_CONSOLE) conring_size=1m'"
SCENARIO_NEEDS = $(BUILD)/drive $(BUILD)/ravelin $(BUILD)/policy $(BUILD)/dom0-vmlinux $(BUILD)/dom0.initrd

demo: deps $(SCENARIO_NEEDS) ## boot in QEMU and play the scenario, one line a step
	@$(SCENARIO) tests/boot/scenario.boot

run: deps $(SCENARIO_NEEDS) ## the same, then dom0's console (Ctrl-A X ends QEMU)
	@$(SCENARIO) -D RUN=1 tests/boot/scenario.boot

FLASK_DOM0 := $(subst dom0.initrd,dom0-flask.initrd,$(BOOT_DOM0))

demo-flask: deps $(SCENARIO_NEEDS) $(BUILD)/dom0-flask.initrd ## a policy changes under running guests: streams, disks and networks are cut
	@$(BUILD)/drive -D LOG=$(BUILD)/demo-flask.log -D LOAD=300 -D MODULES='$(FLASK_DOM0),$(BUILD)/flask-policies/whole' \
		-D QEMU="$(BOOT_QEMU) -kernel $(BUILD)/ravelin -append '$(BOOT_CONSOLE) conring_size=1m'" tests/boot/flask.boot

.PHONY: demo-flask

$(BUILD)/debian-xen: tests/boot/boot.mk
	@mkdir -p $(@D)
	@if [ -r /boot/xen-4.17-amd64.gz ]; then zcat /boot/xen-4.17-amd64.gz; \
	else zcat "$$(dom0-lockdown/fetch-package.sh xen-hypervisor-4.17-amd64 $(BUILD)/packages)"/boot/xen-4.17-amd64.gz; fi > $@

BOOLEANS = $(BUILD)/drive -D LOAD=300 -D POLICY=$(BUILD)/tests/bool.policy -D MODULES='$(BOOT_DOM0)'

demo-booleans: deps $(SCENARIO_NEEDS) $(BUILD)/tests/bool.policy ## Debian's flask-get-bool and flask-set-bool in dom0; flask=locked
	@$(BOOLEANS) -D LOG=$(BUILD)/booleans.log \
		-D QEMU="$(BOOT_QEMU) -kernel $(BUILD)/ravelin -append '$(BOOT_CONSOLE)'" tests/boot/booleans.boot
	@$(BOOLEANS) -D LOG=$(BUILD)/locked.log \
		-D QEMU="$(BOOT_QEMU) -kernel $(BUILD)/ravelin -append '$(BOOT_CONSOLE) flask=locked'" tests/boot/locked.boot

.PHONY: demo-booleans

# What the images and scripts do without a policy, on Debian's own Xen: a check of them, not of Ravelin.
demo-xen: $(BUILD)/drive $(BUILD)/debian-xen $(BUILD)/dom0-vmlinux $(BUILD)/dom0.initrd ## the scenario's steps that need no policy, on Debian's Xen
	@$(BUILD)/drive -D LOG=$(BUILD)/scenario-xen.log -D LOAD=300 -D MODULES='$(BOOT_DOM0)' \
		-D QEMU="$(BOOT_XEN_QEMU) -kernel $(BUILD)/debian-xen -append '$(BOOT_CONSOLE) max_cstate=0 dom0=pvh'" \
		tests/boot/scenario.boot

.PHONY: demo run demo-xen

CYCLES ?= 100

soak-xl: $(SCENARIO_NEEDS) ## CYCLES guests created and destroyed by xl leave free memory exactly where it was
	@$(BUILD)/drive -D LOG=$(BUILD)/soak.log -D CYCLES=$(CYCLES) -D MODULES='$(BOOT_DOM0)' \
		-D QEMU="$(BOOT_QEMU) -kernel $(BUILD)/ravelin -append '$(BOOT_CONSOLE)'" tests/boot/soak.boot

.PHONY: soak-xl

# Debian's own readers of audit files, not installed: their package would start a daemon on the build host.
DEPS_IMAGE += libaudit1 libauparse0 libcap-ng0
AUDIT_TOOLS = $$(dom0-lockdown/fetch-package.sh auditd $(BUILD)/packages)

AUDIT_DEMO = $(BUILD)/drive -D LOAD=300 -D POLICY=$(BUILD)/policy -D OUT=$(BUILD)/audit-records.log -D AUDITD="$(AUDIT_TOOLS)" \
	-D MODULES='$(BOOT_DOM0)'

demo-audit: deps $(SCENARIO_NEEDS) ## the audit log: stored, read by Debian's tools, a flood survived, tampering detected
	@$(AUDIT_DEMO) -D LOG=$(BUILD)/audit.log \
		-D QEMU="$(BOOT_QEMU) -kernel $(BUILD)/ravelin -append '$(BOOT_CONSOLE) audit_size=64k'" tests/boot/audit.boot
	@$(AUDIT_DEMO) -D LOG=$(BUILD)/audit-block.log \
		-D QEMU="$(BOOT_QEMU) -kernel $(BUILD)/ravelin -append '$(BOOT_CONSOLE) audit_size=64k audit_full=block'" tests/boot/audit-block.boot

.PHONY: demo-audit

demo-policy: deps $(SCENARIO_NEEDS) $(BUILD)/rav ## rav policy, rav label: a denial explained, mended, loaded; labels changed
	@mkdir -p $(BUILD)/demo-policy
	@$(BUILD)/drive -D LOG=$(BUILD)/demo-policy.log -D LOAD=300 -D POLICY=$(BUILD)/policy -D RAV=$(BUILD)/rav -D OUT=$(BUILD)/demo-policy \
		-D MODULES='$(BOOT_DOM0)' -D QEMU="$(BOOT_QEMU) -kernel $(BUILD)/ravelin -append '$(BOOT_CONSOLE)'" tests/boot/policy.boot

.PHONY: demo-policy

# Flask without its tenants, and with a relabel allowed: what is refused then is sHype's doing.
$(BUILD)/tests/shype.policy: $(POLICY_GEN) $(POLICY_CIL)
	@mkdir -p $(@D)
	@echo '(allow dom0_t guest_t (domain2 (relabelfrom)))(allow guest_t guest_t (domain (transition)))' >$@.cil
	@$(SECILC) -N -f /dev/null -o $@ $(POLICY_GEN) $(filter-out policy/flask/mcs.cil,$(POLICY_CIL)) $@.cil

SHYPE_DEMO = $(BUILD)/drive -D LOAD=300 -D BANKS=$(BUILD)/shype/banks -D APART=$(BUILD)/shype/apart \
	-D QEMU="$(BOOT_QEMU) -kernel $(BUILD)/ravelin -append '$(BOOT_CONSOLE) conring_size=1m'"

demo-shype: deps $(SCENARIO_NEEDS) $(BUILD)/dom0-flask.initrd $(BUILD)/shype/banks $(BUILD)/shype/apart $(BUILD)/tests/shype.policy ## two banks: what shares nothing (pages, events, bridges, disks), what never runs together, a change of that
	@$(SHYPE_DEMO) -D LOG=$(BUILD)/demo-shype.log -D MODULES='$(FLASK_DOM0),$(BUILD)/tests/shype.policy' tests/boot/shype.boot
	@$(SHYPE_DEMO) -D LOG=$(BUILD)/demo-shype-module.log -D MODULES='$(BOOT_DOM0),$(BUILD)/shype/banks' tests/boot/shype-module.boot

.PHONY: demo-shype
