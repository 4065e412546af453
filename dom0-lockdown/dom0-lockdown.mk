# SPDX-License-Identifier: Apache-2.0
# Purpose: dom0's kernel and initrd, made from Debian's packages.
# Locking: none. Trust boundary: the build host's installed packages.
# Use: included by the top Makefile; targets $(BUILD)/dom0-vmlinux, $(BUILD)/dom0.initrd, test-image.

BUILD ?= build
DEPS_IMAGE += xen-utils-4.17 xenstore-utils libxen-dev busybox-static \
	cpio xz-utils lz4 kmod binutils

IMAGE_CFLAGS := -std=gnu17 -O2 -g0 -D_GNU_SOURCE -Wall -Wextra -Werror -Wconversion -Wshadow -Wvla \
	-Wmissing-prototypes -Wstrict-prototypes -Wswitch-enum -fstack-protector-strong -D_FORTIFY_SOURCE=2

# Recipes ask the package database, so that a newer kernel needs no edit here
DOM0_KERNEL = $$(dom0-lockdown/kernel.sh linux-image-amd64 $(BUILD)/packages)
KERNEL_TOOLS := dom0-lockdown/kernel.sh dom0-lockdown/fetch-package.sh
DOM0_MANIFESTS := dom0-lockdown/dom0.manifest

$(BUILD)/dom0-vmlinux: dom0-lockdown/unpack-kernel.sh $(KERNEL_TOOLS)
	@echo "  IMAGE   $@"
	@dom0-lockdown/unpack-kernel.sh $(DOM0_KERNEL) $@

$(BUILD)/dom0-lockdown/init: dom0-lockdown/init.c dom0-lockdown/setup.c dom0-lockdown/setup.h dom0-lockdown/dom0-lockdown.mk
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(IMAGE_CFLAGS) -static -o $@ $(filter %.c,$^) -lxenstore -lxentoolcore

DOM0_IMAGE_PARTS = $(BUILD)/dom0-lockdown/init $(BUILD)/rav dom0-lockdown/command-shell.sh $(wildcard dom0-lockdown/etc/* dom0-lockdown/scripts/*)

$(BUILD)/dom0.initrd: dom0-lockdown/mkimage.sh $(KERNEL_TOOLS) $(DOM0_MANIFESTS) $(DOM0_IMAGE_PARTS)
	@echo "  IMAGE   $@"
	@dom0-lockdown/mkimage.sh $@ $(DOM0_KERNEL) $(BUILD) $(DOM0_MANIFESTS)

test-image: $(BUILD)/dom0.initrd ## dom0's image: reproducible, small, without interpreters
	@dom0-lockdown/test-image.sh $< $(DOM0_KERNEL) $(BUILD) $(DOM0_MANIFESTS)

.PHONY: test-image
