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
	$(CC) $(DRIVE_CFLAGS) -o $@ $(DRIVE_SOURCES)
