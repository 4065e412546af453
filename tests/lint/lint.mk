# Static analysis: rules of ours, by sparse, coccinelle, shell; and cppcheck (docs/TESTING.md).
DEPS_LINT := coccinelle sparse cppcheck

lint: $(BUILD)/.deps $(GENERATED) ## static rules: guests' pointers, raw lookups, locks, lost results, include cycles, cppcheck
	@tests/lint/run $(BUILD)

.PHONY: lint
