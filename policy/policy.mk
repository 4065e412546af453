# The default policy: CIL in policy/flask, classes generated from xsm/permissions.def, compiled as Xen's policies are.
# Version 30 is what Xen 4.17 reads.

DEPS_POLICY := secilc

POLICY_CIL := $(sort $(wildcard policy/flask/*.cil))
POLICY_GEN := $(BUILD)/gen/classes.cil $(BUILD)/gen/categories.cil
SECILC     := secilc -t xen -M true -c 30

$(BUILD)/tools/mkclasses: policy/mkclasses.c xsm/permissions.def
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	@$(HOSTCC) -std=gnu17 -O1 $(WARN) -o $@ $<

$(BUILD)/gen/classes.cil: $(BUILD)/tools/mkclasses
	@mkdir -p $(@D)
	@$< >$@

# 1024 categories, written out because CIL has no way to count.
$(BUILD)/gen/categories.cil: policy/policy.mk
	@mkdir -p $(@D)
	@{ seq -f '(category c%.0f)' 0 1023; echo "(categoryorder ($$(seq -s ' ' -f 'c%.0f' 0 1023)))"; } >$@

$(BUILD)/policy: $(POLICY_GEN) $(POLICY_CIL)
	@mkdir -p $(@D)
	@echo "  SECILC  $@"
	@$(SECILC) -f /dev/null -o $@ $(POLICY_GEN) $(POLICY_CIL)

# The development policy: as the default one, but the control domain may make it permissive.
$(BUILD)/policy.dev: $(POLICY_GEN) $(POLICY_CIL) $(wildcard policy/dev/*.cil)
	@mkdir -p $(@D)
	@echo "  SECILC  $@"
	@$(SECILC) -f /dev/null -o $@ $(POLICY_GEN) $(filter-out policy/flask/enforcing.cil,$(POLICY_CIL)) $(wildcard policy/dev/*.cil)

policy: $(BUILD)/policy ## compile the default policy

.PHONY: policy
