# Fuzzers: every tests/fuzz/fuzz_*.c is a libFuzzer program over the unmodified sources, built by clang with AddressSanitizer and UBSan.
#   make fuzz TIME=60     each of them for 60 seconds, from the committed corpus and what was found before (build/fuzz/NAME.corpus)
#   make test-fuzz        the committed corpus and the inputs that once failed, then a short run: for the suite
#   make fuzz-coverage    lines reached by the committed corpus alone
#   make fuzz-corpus      what was found since goes into the committed corpus, as few inputs as give the same coverage
#   make fuzz-afl TIME=60 the same programs under AFL++
# A fuzzer may have corpus/NAME/, regression/NAME/ and NAME.dict here, and a line in seeds.sh that makes its first inputs.

DEPS_FUZZ := clang llvm libclang-rt-dev

TIME ?= 60
FUZZ       := $(BUILD)/fuzz
FUZZ_CC    := clang
FUZZ_SAN   := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
FUZZ_LINK  := -fsanitize=fuzzer
FUZZ_TRACE := -fsanitize-coverage=trace-loads
FUZZ_OPT   := -O1
comma := ,
# clang 14 does not say that it watches addresses, and the heap would hide nothing from it (core/mm_asan.h).
FUZZ_CFLAGS = -std=gnu17 $(FUZZ_OPT) -g -Wall -Wextra $(INC) $(ABI) $(FUZZ_SAN) -fno-omit-frame-pointer -fno-strict-aliasing -fno-common \
	-Wno-address-of-packed-member -Wno-bitwise-instead-of-logical -D_GNU_SOURCE -DRAVELIN_VERSION='"$(VERSION)"' \
	$(if $(findstring address,$(FUZZ_SAN)),-D__SANITIZE_ADDRESS__)
$(FUZZ)/hypervisor/lib/string.o: FUZZ_CFLAGS += $(foreach f,$(HOSTED_RENAME),-D$(f)=hv_$(f)) -fno-builtin
# A CPU's locks are watched, too.
$(FUZZ)/hypervisor/%.o $(FUZZ)/xsm/%.o: FUZZ_CFLAGS += $(LOCK_ORDER)
# Who reads guest memory is watched (fetch.c); not who has only tables of its own to read.
FUZZ_TRACED := $(filter-out $(patsubst %,hypervisor/core/%.c,buddy heap mm p2m p2m_teardown sched sched_queue sched_state timer domain_table domain_link),$(filter \
	hypervisor/core/% hypervisor/hypercall/% hypervisor/guest/%,$(PORTABLE_SRCS)))
$(patsubst %.c,$(FUZZ)/%.o,$(FUZZ_TRACED)): FUZZ_CFLAGS += $(FUZZ_TRACE)
# Loops over pages and rules, whose comparisons tell the fuzzer nothing.
FUZZ_HOT := $(patsubst %,hypervisor/core/%.c,buddy heap mm p2m p2m_teardown timer) hypervisor/lib/sha256.c xsm/flask/vectors.c xsm/flask/decide.c \
	xsm/flask/constraint.c xsm/flask/bitset.c
$(patsubst %.c,$(FUZZ)/%.o,$(FUZZ_HOT)): FUZZ_CFLAGS += $(if $(findstring fuzzer,$(FUZZ_SAN)),-fno-sanitize-coverage=trace-cmp)
# The tests' side is no target.
FUZZ_SIDE := $(addprefix tests/hosted/,edge.c lock_order.c machine.c invariants.c invariants_events.c redzone.c) tests/fuzz/fetch.c
$(patsubst %.c,$(FUZZ)/%.o,$(FUZZ_SIDE)): FUZZ_CFLAGS := $(subst fuzzer-no-link$(comma),,$(FUZZ_CFLAGS)) -include tests/hosted/lock_order.h

FUZZERS := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_PROGRAMS := $(addprefix $(FUZZ)/,$(FUZZERS))
# What a program is made of beside its own file: the whole hosted machine, unless it says otherwise.
FUZZ_MACHINE := $(PORTABLE_SRCS) $(FUZZ_SIDE)
FUZZ_ENGINES := $(wildcard xsm/flask/*.c xsm/shype/*.c hypervisor/lib/*.c) tests/hosted/shim.c
FUZZ_AUDIT   := $(filter-out %/audit.c %/audit_daemon.c %/audit_check.c %/audit_stats.c %/audit_source.c,$(wildcard tools/rav/audit*.c)) tools/rav/common.c
FUZZ_SRCS_fuzz_hypercall := $(FUZZ_MACHINE) $(wildcard tests/fuzz/hypercall_*.c)
FUZZ_SRCS_fuzz_flask     := $(FUZZ_ENGINES)
FUZZ_SRCS_fuzz_context   := $(FUZZ_ENGINES)
FUZZ_SRCS_fuzz_shype     := $(FUZZ_ENGINES)
FUZZ_SRCS_fuzz_audit     := $(FUZZ_AUDIT)
FUZZ_SRCS_fuzz_avc_line  := tools/rav/avc_line.c
FUZZ_SRCS_fuzz_shype_xml := $(FUZZ_ENGINES) $(addprefix tools/rav/,shype_compile.c shype_file.c files.c common.c)
FUZZ_SRCS_fuzz_multiboot := hypervisor/boot/multiboot.c hypervisor/lib/string.c
FUZZ_SRCS_fuzz_audit_store := $(FUZZ_AUDIT)
FUZZ_BINARY  := $(addprefix tools/rav/,binary.c labels.c conditions.c cil.c cil_forms.c cil_set.c files.c common.c) $(wildcard tools/rav/engine/*.c xsm/flask/*.c) hypervisor/lib/sha256.c tools/rav/perms.c
FUZZ_SRCS_fuzz_cil         := $(FUZZ_BINARY)
FUZZ_SRCS_fuzz_rav_options := $(FUZZ_BINARY) tools/rav/options.c
FUZZ_SRCS_fuzz_label       := $(FUZZ_BINARY)
FUZZ_SRCS_fuzz_policy_file := $(FUZZ_BINARY)
FUZZ_LIBS_fuzz_cil         := -ljson-c -l:libsepol.a
FUZZ_LIBS_fuzz_rav_options := -ljson-c -l:libsepol.a
FUZZ_LIBS_fuzz_label       := -ljson-c -l:libsepol.a
FUZZ_LIBS_fuzz_policy_file := -ljson-c -l:libsepol.a
FUZZ_LIBS_fuzz_audit_store := -ljson-c -lcrypto
FUZZ_SRCS_fuzz_shype_store := tools/rav/shype_store.c
FUZZ_LIBS_fuzz_audit     := -ljson-c -lcrypto
FUZZ_LIBS_fuzz_shype_xml := -ljson-c -lcrypto
FUZZ_WRAP := -Wl,--wrap=heap_alloc,--wrap=gate_begin,--wrap=gate_end,--wrap=gate_set_operation,--wrap=__asan_memcpy,--wrap=__asan_memmove
$(FUZZ)/tools/rav/shype_compile.o: FUZZ_CFLAGS += -I/usr/include/libxml2
$(patsubst %.c,$(FUZZ)/%.o,$(wildcard tools/rav/engine/*.c)): FUZZ_CFLAGS += -Ihypervisor/hypercall

$(FUZZ)/%.o: %.c tests/hosted/lock_order.h | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  CLANG   $<"
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -I$(dir $<) -Itests/hosted -I$(FUZZ) -MMD -MP -c -o $@ $<

fuzz-objs = $(patsubst %.c,$(FUZZ)/%.o,tests/fuzz/$(1).c $(or $(FUZZ_SRCS_$(1)),$(FUZZ_MACHINE)))
define fuzz-program
$(FUZZ)/$(1): $(call fuzz-objs,$(1))
	@$$(FUZZ_CC) $$(FUZZ_SAN) $$(FUZZ_LINK) -o $$@ $$^ $(if $(FUZZ_SRCS_$(1)),$(if $(findstring fetch.c,$(FUZZ_SRCS_$(1))),$(FUZZ_WRAP)),$(FUZZ_WRAP)) $(FUZZ_LIBS_$(1)) -lpthread
endef
$(foreach p,$(FUZZERS),$(eval $(call fuzz-program,$(p))))
-include $(patsubst %.o,%.d,$(sort $(foreach p,$(FUZZERS),$(call fuzz-objs,$(p)))))

# The structures of operations.def, field by field, as the compiler lays them out.
$(FUZZ)/tests/fuzz/hypercall_grammar.o: $(FUZZ)/grammar.inc
$(FUZZ)/grammar.inc: tests/fuzz/grammar.awk hypervisor/hypercall/op_types.h hypervisor/include/abi/ravelin.h
	@mkdir -p $(@D)
	@echo '#include "../../hypervisor/hypercall/op_types.h"' >$(FUZZ)/layouts.c
	@clang $(INC) $(ABI) -Ihypervisor/hypercall -fsyntax-only -Xclang -fdump-record-layouts-complete $(FUZZ)/layouts.c 2>/dev/null | awk -f $< >$@
	@grep -q 'struct xen_domctl", "createdomain"' $@

# Every domain may do everything to every other: tenants, neverallow and all gone.
$(FUZZ)/policy: $(BUILD)/tests/threads-lax.policy
	@mkdir -p $(@D)
	@cp $< $@
FUZZ_FILES := $(BUILD)/fuzz/policy $(BUILD)/policy $(BUILD)/tests/bool.policy $(BUILD)/shype/banks $(BUILD)/shype/apart

fuzz: $(FUZZ_PROGRAMS) $(FUZZ_FILES) $(FUZZ)/seeds ## every fuzzer for TIME seconds (default 60); F="fuzz_elf …": those
	@tests/fuzz/run search $(TIME) $(addprefix $(FUZZ)/,$(or $(F),$(FUZZERS)))

test-fuzz: $(FUZZ_PROGRAMS) $(FUZZ_FILES) ## the fuzzers' corpus and regressions, then 5 seconds of each
	@tests/fuzz/run replay 5 $(FUZZ_PROGRAMS)

# First inputs, the same ones each time: random small policies, the default ones, random bytes for programs of steps.
$(FUZZ)/make-seeds: tests/fuzz/seeds.c tests/hosted/flask_generate.c tests/hosted/flask_generate.h
	@mkdir -p $(@D)
	@$(HOSTCC) -std=gnu17 -O1 $(WARN) -o $@ tests/fuzz/seeds.c tests/hosted/flask_generate.c

$(FUZZ)/seeds: tests/fuzz/seeds.sh $(FUZZ)/make-seeds $(BUILD)/policy $(BUILD)/tests/bool.policy $(BUILD)/shype/banks $(BUILD)/shype/apart
	@tests/fuzz/seeds.sh $(BUILD) $(FUZZ)
	@touch $@

fuzz-corpus: $(FUZZ_PROGRAMS) $(FUZZ_FILES) ## what was found goes into tests/fuzz/corpus, as few inputs as reach the same; F: as for fuzz
	@tests/fuzz/corpus-merge $(addprefix $(FUZZ)/,$(or $(F),$(FUZZERS)))

FUZZ_COVERAGE := FUZZ=$(BUILD)/fuzz-coverage FUZZ_SAN='-fprofile-instr-generate -fcoverage-mapping' FUZZ_TRACE= FUZZ_OPT=-O0
fuzz-coverage: $(FUZZ_FILES) ## lines of core, hypercall, guest and xsm that the committed corpus reaches
	@$(MAKE) --no-print-directory -j2 $(FUZZ_COVERAGE) fuzz-programs
	@tests/fuzz/coverage $(BUILD)/fuzz-coverage $(addprefix $(BUILD)/fuzz-coverage/,$(FUZZERS))

fuzz-programs: $(FUZZ_PROGRAMS)

# AFL++ brings its own main() for libFuzzer's entry points.
DEPS_AFL := afl++
FUZZ_AFL := FUZZ=$(BUILD)/fuzz-afl FUZZ_CC=afl-clang-fast FUZZ_SAN='-fsanitize=address,undefined -fno-sanitize-recover=undefined' FUZZ_TRACE=
fuzz-afl: $(FUZZ_FILES) ## the same programs under AFL++ for TIME seconds each; F: as for fuzz
	@AFL_QUIET=1 $(MAKE) --no-print-directory -j2 $(FUZZ_AFL) fuzz-programs
	@tests/fuzz/run-afl $(TIME) $(addprefix $(BUILD)/fuzz-afl/,$(or $(F),$(FUZZERS)))

.PHONY: fuzz test-fuzz fuzz-corpus fuzz-coverage fuzz-programs fuzz-afl
