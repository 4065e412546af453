# rav policy and rav label on a workstation: every verb, right and wrong input, under AddressSanitizer and UBSan; the examples of docs/POLICY-GUIDE.md.

DEPS_RAV_TESTS := secilc man-db groff-base mawk

test-rav-policy: $(BUILD)/rav.san/rav $(BUILD)/policy $(BUILD)/policy.dev ## rav policy, rav label, the policy guide's examples
	@BUILD=$(BUILD) tests/policy/run-rav tests/policy/rav-*.sh

.PHONY: test-rav-policy
