# SPDX-License-Identifier: Apache-2.0
# Purpose: rav, the administrator's tool: one program, a noun to each tools/rav/NOUN*.c.
# Locking: none. Trust boundary: Debian's libraries.
# Use: included by the top Makefile; target $(BUILD)/rav. A noun adds its packages to DEPS_TOOLS and its libraries to RAV_LIBS here.

DEPS_TOOLS := libxen-dev libjson-c-dev libcap-ng-dev libseccomp-dev libssl-dev libsepol-dev libxml2-dev libxml2
# libsepol's archive: the shared library keeps the functions that look into a policy to itself.
RAV_LIBS   := -l:libsepol.a -lxenctrl -lxenstore -lxencall -lxentoollog -lxentoolcore -ljson-c -lcap-ng -lseccomp -lcrypto -lm

RAV_CFLAGS := -std=gnu17 -O2 -g -D_GNU_SOURCE $(WARN) -Ihypervisor/include $(ABI) -fPIE -fno-strict-aliasing -fstack-protector-strong \
	-fcf-protection=full -D_FORTIFY_SOURCE=2 -DRAVELIN_VERSION='"$(VERSION)"'
# The hypervisor's own policy engine decides what a policy allows and which is refused.
RAV_ENGINE := $(wildcard tools/rav/engine/*.c xsm/flask/*.c) xsm/shype/read.c xsm/shype/label.c hypervisor/lib/sha256.c
RAV_SRCS   := $(sort $(wildcard tools/rav/*.c))
RAV_OBJS   := $(patsubst %.c,$(BUILD)/rav.d/%.o,$(RAV_SRCS) $(RAV_ENGINE))
$(patsubst %.c,$(BUILD)/rav.d/%.o,$(RAV_ENGINE)): RAV_CFLAGS += -I$(BUILD)/gen -Ihypervisor/hypercall -fno-common

$(BUILD)/rav.d/%.o: %.c | $(BUILD)/.deps
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(RAV_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/rav.d/tools/rav/shype_compile.o $(BUILD)/rav.san/tools/rav/shype_compile.o: RAV_CFLAGS += -I/usr/include/libxml2
$(BUILD)/rav.d/tools/rav/shype_compile.o $(BUILD)/rav.san/tools/rav/shype_compile.o: policy/shype/ravelin-shype.xsd

$(BUILD)/rav: $(RAV_OBJS)
	@echo "  LD      $@"
	@$(CC) -pie -Wl,-z,relro,-z,now -o $@ $^ $(RAV_LIBS)

# The same program for tests, under AddressSanitizer and UBSan.
RAV_SAN      := -fsanitize=address,undefined -fno-sanitize-recover=undefined
RAV_SAN_OBJS := $(patsubst $(BUILD)/rav.d/%,$(BUILD)/rav.san/%,$(RAV_OBJS))
$(patsubst %.c,$(BUILD)/rav.san/%.o,$(RAV_ENGINE)): RAV_CFLAGS += -I$(BUILD)/gen -Ihypervisor/hypercall -fno-common

$(BUILD)/rav.san/%.o: %.c | $(BUILD)/.deps
	@mkdir -p $(@D)
	@echo "  CC      $< (sanitized)"
	@$(CC) $(filter-out -O2 -D_FORTIFY_SOURCE=2,$(RAV_CFLAGS)) -O1 -fno-omit-frame-pointer $(RAV_SAN) -MMD -MP -c -o $@ $<

$(BUILD)/rav.san/rav: $(RAV_SAN_OBJS)
	@echo "  LD      $@"
	@$(CC) -pie $(RAV_SAN) -o $@ $^ $(RAV_LIBS)

# An sHype policy, for the demonstration and as a seed of the fuzzer.
$(BUILD)/shype/%: policy/shype/%.xml $(BUILD)/rav
	@mkdir -p $(@D)
	@$(BUILD)/rav shype build -o $@ $< >/dev/null

-include $(RAV_OBJS:.o=.d) $(RAV_SAN_OBJS:.o=.d)

all: $(BUILD)/rav

install-rav: $(BUILD)/rav ## rav, its man pages and bash completion into $(DESTDIR)/usr
	@install -D -m 755 $(BUILD)/rav $(DESTDIR)/usr/bin/rav
	@install -D -m 644 -t $(DESTDIR)/usr/share/man/man8 $(wildcard tools/rav/*.8)
	@install -D -m 644 tools/rav/completion.bash $(DESTDIR)/usr/share/bash-completion/completions/rav

.PHONY: install-rav
