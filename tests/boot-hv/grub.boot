# The ISO boots on BIOS and on UEFI, through GRUB and multiboot 2, to dom0's prompt.
# Variables: MACHINE (QEMU's words without a kernel), ISO, OVMF (firmware image), LOG.
timeout 240

step GRUB on BIOS: dom0's prompt
  qemu ${MACHINE} -cdrom ${ISO}
  start ${LOG}
  expect started by GRUB .*, multiboot 2
  expect ^ravelin-dom0: ready
  stop

step GRUB on UEFI: dom0's prompt
  qemu ${MACHINE} -cdrom ${ISO} -drive if=pflash,format=raw,readonly=on,file=${OVMF}
  start ${LOG}
  expect started by GRUB .*, multiboot 2
  expect ^ravelin-dom0: ready
  stop
