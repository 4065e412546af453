# SPDX-License-Identifier: Apache-2.0
# Purpose: rav, the administrator's tool: one program, a noun to each tools/rav/NOUN*.c.
# Locking: none. Trust boundary: Debian's libraries.
# Use: included by the top Makefile; target $(BUILD)/rav. A noun adds its packages to DEPS_TOOLS and its libraries to RAV_LIBS here.

DEPS_TOOLS := libxen-dev libjson-c-dev libcap-ng-dev libseccomp-dev libssl-dev
RAV_LIBS   := -lxencall -lxentoollog -lxentoolcore -ljson-c -lcap-ng -lseccomp -lcrypto

RAV_CFLAGS := -std=gnu17 -O2 -g -D_GNU_SOURCE $(WARN) -Ihypervisor/include $(ABI) -fPIE -fno-strict-aliasing -fstack-protector-strong \
	-fcf-protection=full -D_FORTIFY_SOURCE=2 -DRAVELIN_VERSION='"$(VERSION)"'
RAV_OBJS   := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tools/rav/*.c)))

$(BUILD)/tools/rav/%.o: tools/rav/%.c | $(BUILD)/.deps
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(RAV_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/rav: $(RAV_OBJS)
	@echo "  LD      $@"
	@$(CC) -pie -Wl,-z,relro,-z,now -o $@ $^ $(RAV_LIBS)

-include $(RAV_OBJS:.o=.d)

all: $(BUILD)/rav
