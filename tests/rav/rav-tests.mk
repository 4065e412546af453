# SPDX-License-Identifier: Apache-2.0
# Purpose: tests of rav's own parts, against a hypervisor that is played.
# Locking: none. Trust boundary: the build host.

DEPS_RAV_AUDIT := libcmocka-dev busybox-static

$(BUILD)/rav.tests/test_audit: tests/rav/test_audit.c $(patsubst tools/rav/%.c,$(BUILD)/rav.san/tools/rav/%.o,$(wildcard tools/rav/audit*.c) tools/rav/common.c)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@$(CC) $(filter-out -O2 -D_FORTIFY_SOURCE=2,$(RAV_CFLAGS)) -O1 $(RAV_SAN) -pie -o $@ $^ $(RAV_LIBS) -lcmocka

# Extended attributes are played, nobody waits, and what happens to a file while it is read; the hypervisor and the xenstore.
RAV_TESTS := $(BUILD)/rav.tests/test_shype_store $(BUILD)/rav.tests/test_shype_attach
$(BUILD)/rav.tests/test_shype_store: RAV_WRAP := -Wl,--wrap=fgetxattr,--wrap=fsetxattr,--wrap=nanosleep,--wrap=pread
$(BUILD)/rav.tests/test_shype_attach: RAV_WRAP := -Wl,--wrap=fgetxattr,--wrap=shype_live_open,--wrap=shype_live_close,--wrap=shype_live_call \
	-Wl,--wrap=xs_open,--wrap=xs_close,--wrap=xs_read,--wrap=xs_write,--wrap=xs_rm,--wrap=xs_directory
$(RAV_TESTS): $(BUILD)/rav.tests/%: tests/rav/%.c $(filter-out %/main.o,$(RAV_SAN_OBJS))
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@$(CC) $(filter-out -O2 -D_FORTIFY_SOURCE=2,$(RAV_CFLAGS)) -O1 $(RAV_SAN) -pie $(RAV_WRAP) -o $@ $^ $(RAV_LIBS) -lcmocka

test-rav-audit: $(BUILD)/rav.tests/test_audit $(RAV_TESTS) $(BUILD)/rav.san/rav ## rav audit: storing, rotation, each kind of tampering; the store of resources' labels
	@{ tests/hosted/run tests/rav/LIST $(BUILD)/rav.tests rav; BUILD=$(BUILD) tests/policy/run-rav tests/rav/rav-audit.sh tests/rav/rav-hotplug.sh; } | \
		awk '/^[0-9]+ passed, [0-9]+ failed$$/ { p += $$1; f += $$3; next } { print } END { printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0 }'

.PHONY: test-rav-audit
