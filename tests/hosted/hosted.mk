# The hosted machine: every portable source as a Linux program over a fake edge (edge.c), under AddressSanitizer and UBSan.
#   make build/hosted/test_foo      one test program        make test-hosted      all of tests/hosted/LIST
# A test is one file test_*.c with a main() of cmocka groups and a line in LIST: its name and how many tests it has.

DEPS_HOSTED := libcmocka-dev libsepol-dev secilc checkpolicy policycoreutils-python-utils

HOSTED_SAN    ?= -fsanitize=address,undefined -fno-sanitize-recover=undefined
LOCK_ORDER    := -include tests/hosted/lock_order.h
HOSTED_CFLAGS = -std=gnu17 -O1 -g $(WARN) $(INC) $(ABI) $(HOSTED_SAN) -fno-omit-frame-pointer -fno-strict-aliasing -fno-common \
	-D_GNU_SOURCE -DRAVELIN_VERSION='"$(VERSION)"' $(LOCK_ORDER)
HOSTED        := $(BUILD)/hosted

# libc has the string functions; ours are compiled under other names, so that they too can be tested here.
HOSTED_RENAME := memcpy memmove memset memcmp strlen strnlen strcmp strncmp strchr
$(HOSTED)/hypervisor/lib/string.o: HOSTED_CFLAGS += $(foreach f,$(HOSTED_RENAME),-D$(f)=hv_$(f)) -fno-builtin

$(HOSTED)/test_lib: $(HOSTED)/hypervisor/cpu/memory.o
$(HOSTED)/hypervisor/cpu/memory.o: hypervisor/cpu/memory.S
	@mkdir -p $(@D)
	@$(CC) $(foreach f,$(HOSTED_RENAME),-D$(f)=hv_$(f)) -c -o $@ $<

HOSTED_HV_OBJS    := $(patsubst %.c,$(HOSTED)/%.o,$(PORTABLE_SRCS))
HOSTED_MACHINE    := $(patsubst %,$(HOSTED)/tests/hosted/%.o,edge lock_order machine invariants invariants_events redzone)
HOSTED_PROGRAMS   := $(patsubst tests/hosted/%.c,$(HOSTED)/%,$(sort $(wildcard tests/hosted/test_*.c)))
# Tests of one module link its objects and shim.c (libc's heap) in place of the whole core.
HOSTED_FLASK_OBJS := $(patsubst %.c,$(HOSTED)/%.o,$(wildcard xsm/flask/*.c hypervisor/lib/*.c)) $(addprefix $(HOSTED)/tests/hosted/,shim.o flask_oracle.o flask_generate.o)

# libsepol's headers have a member named bool.
$(HOSTED)/tests/hosted/flask_oracle.o: LOCK_ORDER :=

$(HOSTED)/%.o: %.c tests/hosted/lock_order.h | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  CC      $< (hosted)"
	@$(CC) $(HOSTED_CFLAGS) -I$(dir $<) -Itests/hosted -MMD -MP -c -o $@ $<

$(HOSTED)/libhv.a: $(HOSTED_HV_OBJS)
	@mkdir -p $(@D)
	@rm -f $@.$$$$ && ar rcs $@.$$$$ $^ && mv $@.$$$$ $@

$(HOSTED)/libmachine.a: $(HOSTED_MACHINE)
	@rm -f $@.$$$$ && ar rcs $@.$$$$ $^ && mv $@.$$$$ $@

# The default policy with one rule more, by which the control domain may map what runs.
$(BUILD)/tests/lax.policy: $(POLICY_GEN) $(POLICY_CIL)
	@mkdir -p $(@D)
	@echo '(allow dom0_t guest_t (mmu (map_read map_write)))' >$@.cil
	@$(SECILC) -f /dev/null -o $@ $(POLICY_GEN) $(POLICY_CIL) $@.cil

# Everything is allowed but across tenants; and there too.
$(BUILD)/tests/threads-%.policy: $(POLICY_GEN) $(POLICY_CIL)
	@mkdir -p $(@D)
	@{ echo '(typeattribute anybody)(typeattributeset anybody (or domain_type (or event_type build_type)))'; \
		for c in $$(sed -n 's/^(class \([a-z0-9_]*\) .*/\1/p' $(BUILD)/gen/classes.cil); do echo "(allow anybody any_type ($$c (all)))"; done; } >$@.cil
	@$(SECILC) -N -f /dev/null -o $@ $(POLICY_GEN) $(if $(filter lax,$*),$(filter-out policy/flask/mcs.cil,$(POLICY_CIL)),$(POLICY_CIL)) $@.cil

# The default policy, its control domain allowed all of xsm_op, with booleans, and with hardware that has labels.
$(BUILD)/tests/bool.policy: $(POLICY_GEN) $(POLICY_CIL) tests/policy/booleans.cil
	@mkdir -p $(@D)
	@$(SECILC) -f /dev/null -o $@ $(POLICY_GEN) $(POLICY_CIL) tests/policy/booleans.cil
# The same in the oldest version of the format.
$(BUILD)/tests/bool24.policy: $(POLICY_GEN) $(POLICY_CIL) tests/policy/booleans.cil
	@mkdir -p $(@D)
	@$(SECILC) -c 24 -f /dev/null -o $@ $(POLICY_GEN) $(POLICY_CIL) tests/policy/booleans.cil

# The default policy with what it does not use: permissive types, records, setenforce.
$(BUILD)/tests/features.policy: $(POLICY_GEN) $(POLICY_CIL) tests/policy/features.cil
	@mkdir -p $(@D)
	@$(SECILC) -f /dev/null -o $@ $(POLICY_GEN) $(filter-out policy/flask/enforcing.cil,$(POLICY_CIL)) tests/policy/features.cil

# A policy for Xen's own Flask; with a common, as one may write it.
XEN_SIDS := xenboot:xen_t xen:xen_t dom0:dom0_t domio:domio_t domxen:domxen_t unlabeled:unlabeled_t security:security_t ioport:hardware_t iomem:hardware_t \
	irq:hardware_t device:hardware_t domU:domU_t domDM:dm_dom_t
$(BUILD)/tests/xen.policy: $(BUILD)/tools/mkclasses tests/policy/plain-xen.cil tests/hosted/hosted.mk
	@mkdir -p $(@D)
	@{ echo "(sidorder ($(foreach s,$(XEN_SIDS),$(firstword $(subst :, ,$s)))))"; \
		$(foreach s,$(XEN_SIDS),echo "(sid $(firstword $(subst :, ,$s)))(sidcontext $(firstword $(subst :, ,$s)) (system_u system_r $(lastword $(subst :, ,$s)) ((s0) (s0))))";) \
		$(BUILD)/tools/mkclasses --xen | sed 's/^(class grant (\(.*\) copy query))/(common of_grants (copy query))(class grant (\1))(classcommon grant of_grants)/'; } >$@.cil
	@secilc -t xen -M false -c 30 -f /dev/null -o $@ $@.cil tests/policy/plain-xen.cil

# The same with MLS, its levels and categories of names that one might take for others.
$(BUILD)/tests/names.policy: $(BUILD)/tests/xen.policy tests/policy/names.cil
	@sed -e 's/(sensitivity s0)/(sensitivity c7)(sensitivity c8)/; s/(sensitivityorder (s0))/(sensitivityorder (c7 c8))/' \
		-e 's/(category c0)/(category c1)(category x5)(category c4096)(category c)(category cz)(category c1xc3)/' \
		-e 's/(categoryorder (c0))/(categoryorder (c1 x5 c4096 c cz c1xc3))/; s/(sensitivitycategory s0 (c0))/(sensitivitycategory c7 (all))(sensitivitycategory c8 (all))/' \
		-e 's/(userrange system_u .*/(userrange system_u ((c7) (c8 (all))))/; s/(s0)/(c7)/g' $<.cil tests/policy/plain-xen.cil >$@.cil
	@secilc -t xen -M true -c 30 -f /dev/null -o $@ $@.cil tests/policy/names.cil

# Random policies, every kind of statement in them: 24 of them, of two versions of the format.
$(BUILD)/tests/random/done: tests/hosted/flask_policies.c tests/hosted/flask_generate.c tests/hosted/flask_generate.h
	@mkdir -p $(@D)
	@$(HOSTCC) -std=gnu17 -O1 $(WARN) -o $(@D)/make tests/hosted/flask_policies.c tests/hosted/flask_generate.c
	@rm -f $(@D)/*.cil && $(@D)/make $(@D) 24
	@for f in $(@D)/*.cil; do n=$${f##*/}; m=true; [ "$${n#*.}" = mls.cil ] || m=false; \
		secilc -N -t xen -M $$m -c $$(($${n%%.*} % 4 == 1 ? 24 : 30)) -f /dev/null -o $(@D)/policy-$${n%%.*} $$f >$(@D)/log 2>&1 || exit 1; done
	@touch $@

# The sweeps decide in Flask's place and count what guest memory is read.
HOSTED_SWEEP  := $(patsubst %.c,$(HOSTED)/%.o,$(wildcard tests/hosted/sweep*.c))
$(HOSTED)/test_sweep: $(HOSTED_SWEEP) $(HOSTED)/tests/hosted/flask_oracle.o
$(HOSTED)/test_sweep: HOSTED_LINK := -Wl,--wrap=flask_vector,--wrap=edge_window_map,--wrap=guest_copy_in,--wrap=guest_copy_out,--wrap=guest_array_fetch,--wrap=guest_array_store,--wrap=heap_alloc,--wrap=heap_alloc_pages,--wrap=shared_page_alloc,--wrap=guest_frames_alloc -l:libsepol.a
$(HOSTED)/test_races $(HOSTED)/test_revoke $(HOSTED)/test_revoke_each $(HOSTED)/test_shype_gate $(HOSTED)/test_shype_load: HOSTED_LINK := -Wl,--wrap=flask_vector
# What another CPU might do, at the moment when it might.
$(HOSTED)/test_revoke: HOSTED_LINK += -Wl,--wrap=edge_guest_flush_wait
$(HOSTED)/test_p2m: HOSTED_LINK := -Wl,--wrap=timer_set,--wrap=edge_guest_flush_wait
$(HOSTED)/test_sched: HOSTED_LINK := -Wl,--wrap=vcpu_requeue,--wrap=vcpu_reconsider
$(HOSTED)/test_domain: HOSTED_LINK := -Wl,--wrap=domain_table_publish
$(HOSTED)/test_memory_op: HOSTED_LINK := -Wl,--wrap=edge_guest_flush_wait
$(HOSTED)/test_memory_op: | $(BUILD)/tests/threads-lax.policy
$(HOSTED)/test_evtchn: HOSTED_LINK := -Wl,--wrap=gate_event_peer
$(HOSTED)/test_lapic: HOSTED_LINK := -Wl,--wrap=vcpu_down
$(HOSTED)/test_domctl: HOSTED_LINK := -Wl,--wrap=domain_pause
$(HOSTED)/test_guestcalls: HOSTED_LINK := -Wl,--wrap=vcpu_is_running
# What the control domain's daemon does with the ring.
$(HOSTED)/test_audit_store: $(patsubst %.c,$(HOSTED)/%.o,$(addprefix tools/rav/,audit_store.c audit_verify.c audit_file.c audit_record.c audit_chain.c common.c))
$(HOSTED)/test_audit_store: HOSTED_LINK := -ljson-c -lcrypto
$(HOSTED)/test_multiboot: $(HOSTED)/hypervisor/boot/multiboot.o
$(HOSTED)/test_races: | $(BUILD)/tests/lax.policy
$(HOSTED)/test_shype_load: HOSTED_LINK += -Wl,--wrap=heap_alloc
$(HOSTED)/test_shype_load: | $(BUILD)/tests/names.policy $(BUILD)/tests/xen.policy
$(HOSTED)/test_threads: | $(BUILD)/tests/threads-strict.policy $(BUILD)/tests/threads-lax.policy
$(HOSTED)/test_flask_large: | $(BUILD)/bench-flask/policy-10000
$(HOSTED)/test_xsm_op: HOSTED_LINK := -Wl,--wrap=sidtab_translate
$(HOSTED)/test_xsm_op: | $(BUILD)/tests/bool.policy
$(HOSTED)/test_xsm_policy: $(HOSTED)/tests/hosted/policy_file.o | $(BUILD)/policy $(BUILD)/tests/features.policy $(BUILD)/tests/xen.policy
$(HOSTED)/test_xsm_oracle: $(HOSTED)/tests/hosted/flask_oracle.o $(HOSTED)/tests/hosted/flask_generate.o | $(BUILD)/tests/random/done
$(HOSTED)/test_xsm_oracle $(HOSTED)/test_xsm_corrupt $(HOSTED)/test_shype_gate $(HOSTED)/test_shype_load $(HOSTED)/test_xsm_splice: $(HOSTED)/tests/hosted/allow_all.o
$(HOSTED)/test_xsm_oracle: HOSTED_LINK := -Wl,--wrap=flask_vector -l:libsepol.a
$(HOSTED)/test_xsm_corrupt: $(HOSTED)/tests/hosted/policy_file.o | $(BUILD)/tests/random/done $(BUILD)/tests/bool.policy $(BUILD)/tests/features.policy
$(HOSTED)/test_xsm_splice $(HOSTED)/test_xsm_splice_use: $(HOSTED)/tests/hosted/policy_file.o | $(BUILD)/policy $(addprefix $(BUILD)/tests/,bool.policy bool24.policy features.policy names.policy xen.policy)
$(HOSTED)/test_xsm_corrupt $(HOSTED)/test_xsm_splice $(HOSTED)/test_xsm_splice_use: HOSTED_LINK := -Wl,--wrap=flask_vector
-include $(HOSTED_SWEEP:.o=.d)

HOSTED_FLASK_PROGRAMS := $(filter $(HOSTED)/test_flask%,$(HOSTED_PROGRAMS))
$(HOSTED_FLASK_PROGRAMS): $(HOSTED)/%: $(HOSTED)/tests/hosted/%.o $(HOSTED_FLASK_OBJS)
	@echo "  LD      $@"
	@$(CC) $(HOSTED_SAN) -o $@ $^ -lcmocka -l:libsepol.a

$(filter-out $(HOSTED_FLASK_PROGRAMS),$(HOSTED_PROGRAMS)): $(HOSTED)/%: $(HOSTED)/tests/hosted/%.o $(HOSTED_EXTRA) $(HOSTED)/libhv.a $(HOSTED)/libmachine.a
	@echo "  LD      $@"
	@$(CC) $(HOSTED_SAN) -o $@ $(filter %.o,$^) -Wl,--wrap=heap_alloc $(HOSTED_WRAP) $(HOSTED_LINK) -Wl,--start-group $(HOSTED)/libhv.a $(HOSTED)/libmachine.a -Wl,--end-group -lcmocka -lpthread

-include $(HOSTED_HV_OBJS:.o=.d) $(HOSTED_FLASK_OBJS:.o=.d) $(HOSTED_MACHINE:.o=.d) $(patsubst $(HOSTED)/%,$(HOSTED)/tests/hosted/%.d,$(HOSTED_PROGRAMS))

HOSTED_LISTED := $(addprefix $(HOSTED)/,$(shell awk '/^test_/ { print $$1 }' tests/hosted/LIST 2>/dev/null))

test-hosted: $(HOSTED_LISTED) $(BUILD)/policy ## unit tests on the hosted machine
	@tests/hosted/run tests/hosted/LIST $(HOSTED)

# What many CPUs do at once, under ThreadSanitizer. (It does not know fences; those there are order what the guest sees.)
TSAN        := $(BUILD)/tsan
TSAN_LISTED := $(addprefix $(TSAN)/,$(shell awk '$$3 == "threads" { print $$1 }' tests/hosted/LIST))

test-tsan: $(BUILD)/policy ## the hosted tests that run threads, under ThreadSanitizer
	@$(MAKE) --no-print-directory HOSTED=$(TSAN) HOSTED_SAN='-fsanitize=thread -Wno-tsan' $(TSAN_LISTED)
	@TSAN_OPTIONS=halt_on_error=1:exitcode=66 tests/hosted/run tests/hosted/LIST $(TSAN) threads

# Cost of a decision with 10 to 10,000 kinds of guests, without sanitizers.
BENCH_TYPES := 10 100 1000 10000
BENCH       := $(BUILD)/bench-flask
$(BENCH)/policy-%: $(POLICY_GEN) policy/flask/base.cil
	@mkdir -p $(@D)
	@{ echo '(type dom0_t)(type guest_t)(roletype system_r dom0_t)(roletype system_r guest_t)(typeattribute guests)'; \
		for i in $$(seq 0 $$(($* - 1))); do \
			echo "(type guest$${i}_t)(roletype system_r guest$${i}_t)(typeattributeset guests guest$${i}_t)"; \
			echo "(allow guest$${i}_t guest$${i}_t (event (bind send)))(allow dom0_t guest$${i}_t (domain (pause unpause destroy)))"; \
		done; echo '(allow guests guests (grant (query)))(allow guests domain_type (event (status)))'; } >$@.cil
	@$(SECILC) -f /dev/null -o $@ $(POLICY_GEN) policy/flask/base.cil $@.cil

$(BENCH)/bench: tests/hosted/bench_flask.c $(wildcard xsm/flask/*.[ch]) hypervisor/lib/sha256.c tests/hosted/shim.c
	@mkdir -p $(@D)
	@$(CC) $(filter-out $(HOSTED_SAN),$(HOSTED_CFLAGS)) -O2 -Itests/hosted -o $@ $(filter %.c,$^)

bench-flask: $(BENCH)/bench $(addprefix $(BENCH)/policy-,$(BENCH_TYPES)) ## cost of a decision as policies grow
	@$< $(filter-out $<,$^)

.PHONY: test-hosted bench-flask
