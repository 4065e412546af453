# Mutants: each permission of the operation table and each check of the gate, the engines, the dispatcher and the sweeps is changed or left out, one at a
# time, and a test that makes hypercalls has to notice. See docs/TESTING.md, mutate.c (makes them), runner.c (tries them), EQUIVALENT (those that change nothing).
#   make mutate		all of them (F=REGEX: of the files that it names)		make test-mutate	the table's, and of the others one of MUTATE_EVERY
#   make mutate-one N=17	shows what the tests that meet mutant 17 say about it

MUTATE := $(BUILD)/mutate
MUTATE_EVERY ?= 9

# What decides, whole; of the handlers, which permission they ask for.
MUTATE_SRCS := $(sort $(wildcard xsm/gate*.c)) $(addprefix xsm/flask/,decide.c constraint.c mls.c vectors.c booleans.c transition.c rules.c permissions.c flask.c) \
	$(addprefix xsm/flask/,reader.c bitset.c symtab.c context.c read_policy.c read_classes.c read_symbols.c read_rules.c read_transitions.c read_contexts.c) xsm/shype/read.c \
	xsm/shype/decide.c xsm/shype/label.c $(addprefix hypervisor/hypercall/,dispatch.c multicall.c table.c) \
	$(addprefix hypervisor/core/,sweep.c evtchn_revoke.c grant_revoke.c foreign.c domain_link.c)
MUTATE_PERMS := $(filter-out hypervisor/hypercall/table.c,$(shell grep -lw -e 'PERM_[a-z0-9_]*' $(filter-out %/opgen.c,$(wildcard hypervisor/hypercall/*.c hypervisor/core/*.c))))
MUTATE_HEADERS := hypervisor/include/hv/flask.h xsm/shype/shype.h
MUTATE_OBJS := $(patsubst %.c,$(MUTATE)/src/%.o,$(MUTATE_SRCS) $(MUTATE_PERMS))

# Quick ones first: who is dead is not tried again.
MUTATE_TESTS := $(addprefix test_,dispatch xsm_op shype_gate domctl machine guestcalls memory_op evtchn fifo grant xsm_policy sweep revoke_each revoke xsm_splice xsm_splice_use shype_load xsm_corrupt xsm_oracle audit_ring)

$(MUTATE)/mutate: tests/mutate/mutate.c
	@mkdir -p $(@D)
	@echo "  HOSTCC  $@"
	@$(HOSTCC) -std=gnu17 -O1 -g $(WARN) -o $@ $<

$(MUTATE)/points: $(MUTATE)/mutate $(MUTATE_SRCS) $(MUTATE_PERMS) $(MUTATE_HEADERS) tests/mutate/mutate.mk
	@$< $(MUTATE)/src $@.new $(MUTATE_HEADERS) $(MUTATE_SRCS) $(addprefix perm:,$(MUTATE_PERMS))
	@mv $@.new $@

$(MUTATE)/src/%.o: $(MUTATE)/points tests/mutate/mutant.h | $(GENERATED)
	@echo "  CC      $*.c (mutants)"
	@$(CC) -I$(MUTATE)/src/hypervisor/include $(filter-out $(WARN) $(HOSTED_SAN),$(HOSTED_CFLAGS)) $(MUTATE_SAN) -w -I. -I$(dir $*.c) -c -o $@ $(MUTATE)/src/$*.c

$(MUTATE)/runner.o: tests/mutate/runner.c tests/mutate/mutant.h $(wildcard hypervisor/hypercall/op*.h) | $(GENERATED)
	@mkdir -p $(@D)
	@$(CC) $(filter-out $(HOSTED_SAN),$(HOSTED_CFLAGS)) -I. -Wno-missing-prototypes -c -o $@ $<

MUTATE_EXTRA := $(MUTATE)/runner.o $(MUTATE_OBJS)
MUTATE_WRAP  := $(addprefix -Wl$(shell printf ,)--wrap=,_cmocka_run_group_tests hypercall_dispatch op_find edge_die edge_machine_restart)

# The programs are the hosted machine's, without sanitizers but for those in memory/, with these objects before the library's.
mutate-build: $(MUTATE)/runner.o $(MUTATE_OBJS) $(BUILD)/policy
	@$(MAKE) --no-print-directory HOSTED=$(MUTATE) HOSTED_SAN='-DMUTATE $(MUTATE_SAN)' HOSTED_EXTRA='$(MUTATE_EXTRA)' HOSTED_WRAP='$(MUTATE_WRAP)' $(addprefix $(MUTATE)/,$(MUTATE_TESTS))

mutate-build-all: mutate-build
	@$(MAKE) --no-print-directory MUTATE=$(MUTATE)/memory MUTATE_SAN='-fsanitize=address,undefined -fno-sanitize-recover=all' mutate-build

mutate: ## every check is flipped or left out, one at a time: a hypercall has to notice
	@$(MAKE) --no-print-directory mutate-build-all
	@tests/mutate/run $(MUTATE) $(if $(F),in:'$(F)',1) $(MUTATE_TESTS)

test-mutate: ## the same of the operation table, and a sample of the rest
	@$(MAKE) --no-print-directory mutate-build-all
	@tests/mutate/run $(MUTATE) $(MUTATE_EVERY) $(MUTATE_TESTS)

mutate-one: mutate-build
	@tests/mutate/run $(MUTATE) only:$(N) $(MUTATE_TESTS)

.PHONY: mutate mutate-build mutate-build-all mutate-one test-mutate
