# SPDX-License-Identifier: Apache-2.0
# Purpose: the Linux test guests: Debian's cloud kernel with a small user space, and what dom0 needs to start them.
# Locking: none. Trust boundary: the build host's installed packages.
# Use: included by the top Makefile; adds the guests to dom0's image.

BUILD ?= build
DEPS_IMAGE += libxen-dev busybox-static

GUEST_KERNEL = $$(dom0-lockdown/kernel.sh linux-image-cloud-amd64 $(BUILD)/packages)
GUEST_OUT := $(BUILD)/guest-linux
GUEST_ABI := -D__XEN_TOOLS__ -D__XEN_INTERFACE_VERSION__=0x00041100

# Linked dynamically: xs_watch of the static libxenstore fails to start its thread (EINVAL).
$(GUEST_OUT)/init: tests/guest-linux/init.c dom0-lockdown/setup.c dom0-lockdown/setup.h tests/guest-linux/guest-linux.mk
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(IMAGE_CFLAGS) -o $@ $(filter %.c,$^) -lxenstore -lxentoolcore

$(GUEST_OUT)/peer: tests/guest-linux/peer.c tests/guest-linux/guest-linux.mk
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(IMAGE_CFLAGS) -static -o $@ $(filter %.c,$^) -lxengnttab -lxenevtchn -lxenstore -lxentoollog -lxentoolcore

$(GUEST_OUT)/hostile: tests/guest-linux/hostile.c tests/guest-linux/guest-linux.mk
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(IMAGE_CFLAGS) $(GUEST_ABI) -static -o $@ $(filter %.c,$^) -lxencall -lxentoollog -lxentoolcore

$(GUEST_OUT)/dom0map: tests/guest-linux/dom0map.c tests/guest-linux/guest-linux.mk
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(IMAGE_CFLAGS) -static -o $@ $(filter %.c,$^) -lxenforeignmemory -lxentoollog -lxentoolcore

$(GUEST_OUT)/freepages: tests/guest-linux/freepages.c tests/guest-linux/guest-linux.mk
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(IMAGE_CFLAGS) -static -o $@ $(filter %.c,$^) -lxenctrl -lxencall -lxenforeignmemory -lxendevicemodel -lxenevtchn -lxengnttab \
		-lxentoollog -lxentoolcore

# Copied under a fixed name: the manifest must not know the release.
$(GUEST_OUT)/vmlinuz: $(KERNEL_TOOLS)
	@mkdir -p $(@D)
	@cp $(GUEST_KERNEL) $@

$(GUEST_OUT)/guest.initrd: tests/guest-linux/guest.manifest tests/guest-linux/profile dom0-lockdown/mkimage.sh \
		$(wildcard tests/guest-linux/scripts/*) \
		$(GUEST_OUT)/init $(GUEST_OUT)/peer $(GUEST_OUT)/hostile
	@echo "  IMAGE   $@"
	@dom0-lockdown/mkimage.sh $@ $(GUEST_KERNEL) $(BUILD) tests/guest-linux/guest.manifest

# dom0's image, whose rule is in dom0-lockdown.mk, carries the guests too.
DOM0_MANIFESTS += tests/guest-linux/dom0.manifest
$(BUILD)/dom0.initrd: tests/guest-linux/dom0.manifest $(GUEST_OUT)/vmlinuz $(GUEST_OUT)/guest.initrd $(GUEST_OUT)/dom0map $(GUEST_OUT)/freepages \
		$(wildcard tests/guest-linux/*.cfg)

# For `make demo-flask`: the default policy with a kind of guest of its own, three times: all rules; the pair may not exchange; dom0 may not serve.
FLASK_OUT := $(BUILD)/flask-policies
FLASK_CIL := tests/boot/flask
$(FLASK_OUT)/whole: $(FLASK_CIL)/exchange.cil $(FLASK_CIL)/serve.cil
$(FLASK_OUT)/unpaired: $(FLASK_CIL)/serve.cil
$(FLASK_OUT)/unserved: $(FLASK_CIL)/exchange.cil
FLASK_POLICIES := $(addprefix $(FLASK_OUT)/,whole unpaired unserved)

$(FLASK_POLICIES): $(POLICY_GEN) $(POLICY_CIL) $(FLASK_CIL)/pair.cil
	@mkdir -p $(@D)
	@echo "  SECILC  $@"
	@$(SECILC) -f /dev/null -o $@ $(filter %.cil,$^)

# dom0's image with what serves guests; the shipped one has no drivers.
$(BUILD)/dom0-flask.initrd: $(BUILD)/dom0.initrd tests/guest-linux/flask.manifest $(FLASK_POLICIES) $(wildcard tests/guest-linux/scripts/*)
	@echo "  IMAGE   $@"
	@dom0-lockdown/mkimage.sh $@ $(DOM0_KERNEL) $(BUILD) $(DOM0_MANIFESTS) tests/guest-linux/flask.manifest
