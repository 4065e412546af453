# Static analysis: rules of ours, by sparse, coccinelle, shell; cppcheck, gcc -fanalyzer, shellcheck (docs/TESTING.md).
DEPS_LINT := coccinelle sparse cppcheck shellcheck clang-tidy

lint: $(BUILD)/.deps $(GENERATED) ## static rules: guests' pointers, raw lookups, locks, lost results, include cycles; cppcheck, gcc -fanalyzer, shellcheck
	@HARDWARE="$(HARDWARE_SRCS)" tests/lint/run $(BUILD)

lint-long: $(BUILD)/.deps $(GENERATED) ## clang-tidy: two and a half minutes on two cores
	@tests/lint/run $(BUILD) long

.PHONY: lint lint-long
