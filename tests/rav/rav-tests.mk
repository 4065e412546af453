# SPDX-License-Identifier: Apache-2.0
# Purpose: tests of rav's own parts, against a hypervisor that is played.
# Locking: none. Trust boundary: the build host.

DEPS_RAV_AUDIT := libcmocka-dev

$(BUILD)/rav.tests/test_audit: tests/rav/test_audit.c $(patsubst tools/rav/%.c,$(BUILD)/rav.san/tools/rav/%.o,$(wildcard tools/rav/audit*.c) tools/rav/common.c)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@$(CC) $(filter-out -O2 -D_FORTIFY_SOURCE=2,$(RAV_CFLAGS)) -O1 $(RAV_SAN) -pie -o $@ $^ $(RAV_LIBS) -lcmocka

test-rav-audit: $(BUILD)/rav.tests/test_audit $(BUILD)/rav.san/rav ## rav audit: storing, rotation, each kind of tampering
	@{ tests/hosted/run tests/rav/LIST $(BUILD)/rav.tests rav; BUILD=$(BUILD) tests/policy/run-rav tests/rav/rav-audit.sh; } | \
		awk '/^[0-9]+ passed, [0-9]+ failed$$/ { p += $$1; f += $$3; next } { print } END { printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0 }'

.PHONY: test-rav-audit
