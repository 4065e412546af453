# SPDX-License-Identifier: Apache-2.0
# Purpose: the test guest, a small PVH kernel of our own.
# Locking: none. Trust boundary: runs as a guest.

DEPS_GUEST   := acpica-tools
GUEST_CFLAGS := -std=gnu17 -O2 -g $(WARN) $(INC) $(ABI) -ffreestanding -nostdlib -fno-pie -mcmodel=small -mno-red-zone -mgeneral-regs-only \
	-fno-stack-protector -fno-strict-aliasing -fno-common -fcf-protection=none -fno-omit-frame-pointer
GUEST_SRCS   := $(sort $(wildcard tests/guest/*.c)) hypervisor/lib/printf.c hypervisor/lib/string.c
GUEST_OBJS   := $(patsubst %.c,$(BUILD)/guest/%.o,$(GUEST_SRCS)) $(BUILD)/guest/tests/guest/entry.o $(BUILD)/guest/hypervisor/cpu/memory.o $(BUILD)/guest/tests/guest/sweep_policy.o

$(BUILD)/guest/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  CC      $< (guest)"
	@$(CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/guest/%.o: %.S
	@mkdir -p $(@D)
	@echo "  AS      $< (guest)"
	@$(CC) $(INC) -D__ASSEMBLY__ -fno-pie -c -o $@ $<

# A policy that allows everything, one rule a class.
$(BUILD)/gen/sweep-rules.cil: $(BUILD)/gen/classes.cil
	@sed -n "s/^(class \([a-z0-9_]*\) .*/(allow every every (\1 (all)))/p" $< >$@

$(BUILD)/tests/sweep.policy: tests/guest/sweep.cil $(BUILD)/gen/classes.cil $(BUILD)/gen/sweep-rules.cil
	@mkdir -p $(@D)
	@echo "  SECILC  $@"
	@$(SECILC) -f /dev/null -o $@ $^

$(BUILD)/guest/tests/guest/sweep_policy.o: $(BUILD)/tests/sweep.policy

$(BUILD)/tests/guest.elf: $(GUEST_OBJS) tests/guest/guest.lds
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@$(CC) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Wl,-T,tests/guest/guest.lds -o $@ $(GUEST_OBJS)

-include $(patsubst %.c,$(BUILD)/guest/%.d,$(GUEST_SRCS))
