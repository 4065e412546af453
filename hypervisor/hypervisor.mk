# The image: one flat file with the multiboot headers in front (QEMU takes no 64-bit ELF), and the ELF beside it for debuggers.

DEPS_HYPERVISOR := gcc binutils mawk libxen-dev

HV_LDFLAGS := -nostdlib -static-pie -fPIE -Wl,--no-dynamic-linker,--build-id=none,-z,norelro,-z,noexecstack,-z,text,-z,max-page-size=4096 \
	-Wl,--no-warn-rwx-segments,--fatal-warnings,--gc-sections -T hypervisor/ravelin.lds

all: $(BUILD)/ravelin

$(BUILD)/hv/hypervisor/boot/policy_blob.o: $(BUILD)/policy

# The C sources are optimised as one program: calls across files and across the hardware edge are inlined. Warnings were given when they were compiled.
$(BUILD)/hv/first.elf: $(HV_OBJS) hypervisor/ravelin.lds
	@echo "  LTO     $@"
	@$(CC) $(filter-out $(WARN),$(HV_CFLAGS)) $(HV_LTO) -flto-partition=one $(HV_LDFLAGS) -o $@ $(HV_OBJS)

# The table of names fills the room that was left for it.
$(BUILD)/hv/symbols.bin: $(BUILD)/hv/first.elf hypervisor/cpu/symbols.awk
	@echo "  NM      $@"
	@nm -n $< | awk -f hypervisor/cpu/symbols.awk >$(@:.bin=.s)
	@$(CC) -c -o $(@:.bin=.o) $(@:.bin=.s)
	@objcopy -O binary -j .symbols $(@:.bin=.o) $@
	@room=$$((0x$$(objdump -h -j .symbols $< | awk '$$2 == ".symbols" { print $$3 }'))); \
	[ "$$(stat -c %s $@)" -le $$room ] || { echo "more names than .symbols has room for"; false; }; truncate -s $$room $@

$(BUILD)/ravelin.elf: $(BUILD)/hv/first.elf $(BUILD)/hv/symbols.bin
	@echo "  OBJCOPY $@"
	@objcopy --update-section .symbols=$(BUILD)/hv/symbols.bin $< $@
	@if readelf -rW $@ | grep R_X86_64 | grep -v R_X86_64_RELATIVE; then echo "relocations that boot cannot apply"; false; fi

$(BUILD)/ravelin: $(BUILD)/ravelin.elf
	@echo "  OBJCOPY $@"
	@objcopy -O binary $< $@

# A bootable medium: BIOS and UEFI, by GRUB.
DEPS_ISO := grub-common grub-pc-bin grub-efi-amd64-bin xorriso mtools ovmf

$(BUILD)/ravelin.iso: $(BUILD)/ravelin $(BUILD)/dom0-vmlinux $(BUILD)/dom0.initrd hypervisor/boot/grub.cfg
	@echo "  ISO     $@"
	@rm -rf $(BUILD)/iso && mkdir -p $(BUILD)/iso/boot/grub
	@cp $(BUILD)/ravelin $(BUILD)/iso/boot/ravelin
	@cp $(BUILD)/dom0-vmlinux $(BUILD)/iso/boot/vmlinux
	@cp $(BUILD)/dom0.initrd $(BUILD)/iso/boot/initrd
	@cp hypervisor/boot/grub.cfg $(BUILD)/iso/boot/grub/grub.cfg
	@grub-mkrescue -o $@ $(BUILD)/iso >$(BUILD)/iso.log 2>&1 || { cat $(BUILD)/iso.log; false; }

iso: $(BUILD)/ravelin.iso ## a bootable ISO image for BIOS and UEFI machines

test-iso: $(BUILD)/ravelin.iso $(BUILD)/drive ## the ISO boots to dom0's prompt on BIOS and on UEFI
	@mkdir -p $(BUILD)/test-logs
	@$(BUILD)/drive -D LOG=$(BUILD)/test-logs/iso.log -D ISO=$< -D OVMF=/usr/share/OVMF/OVMF_CODE.fd \
		-D MACHINE="$(QEMU) -machine q35 -cpu EPYC,+svm,+npt,-rdtscp -smp 2 -m 2048" tests/boot-hv/grub.boot

.PHONY: iso test-iso
