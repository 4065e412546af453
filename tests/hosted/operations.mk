# The operation table as a reference for readers, and held against Xen's public headers.

$(BUILD)/opgen: hypervisor/hypercall/opgen.c $(wildcard hypervisor/hypercall/*.def hypervisor/hypercall/op*.h) xsm/permissions.def docs/hostile.def hypervisor/include/hv/gate.h | $(BUILD)/.deps
	@mkdir -p $(@D)
	@echo "  HOSTCC  $@"
	@$(HOSTCC) -std=gnu17 -O1 $(WARN) $(INC) $(ABI) -o $@ $<

docs-hypercalls: $(BUILD)/opgen ## write docs/HYPERCALLS.md from the operation table
	@$(BUILD)/opgen reference >docs/HYPERCALLS.md

check-operations: $(BUILD)/opgen ## every operation in Xen's public headers has a row, and docs/HYPERCALLS.md is current
	@tests/hosted/check-operations.sh $(BUILD)/opgen

.PHONY: docs-hypercalls check-operations
