# Proofs by Frama-C (docs/TESTING.md): WP with CVC4.
DEPS_PROVE := frama-c-base why3 cvc4

prove: $(BUILD)/.deps $(GENERATED) ## proofs by Frama-C: no undefined behaviour, and the gate's decision
	@tests/prove/run $(BUILD) all

prove-quick: $(BUILD)/.deps $(GENERATED)
	@tests/prove/run $(BUILD) quick

.PHONY: prove prove-quick
