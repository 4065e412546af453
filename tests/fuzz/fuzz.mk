# Fuzzers: every tests/fuzz/fuzz_*.c is a libFuzzer program over the portable sources, built by clang with AddressSanitizer and UBSan.
#   make fuzz TIME=60     each of them for 60 seconds        make test-fuzz     a short run, for the suite

DEPS_FUZZ := clang libclang-rt-dev

TIME ?= 60
FUZZ := $(BUILD)/fuzz
FUZZ_SAN := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
FUZZ_CFLAGS := -std=gnu17 -O1 -g -Wall -Wextra $(INC) $(ABI) $(FUZZ_SAN) -fno-omit-frame-pointer -fno-strict-aliasing -fno-common \
	-Wno-address-of-packed-member -D_GNU_SOURCE -DRAVELIN_VERSION='"$(VERSION)"'
$(FUZZ)/hypervisor/lib/string.o: FUZZ_CFLAGS += $(foreach f,$(HOSTED_RENAME),-D$(f)=hv_$(f)) -fno-builtin

FUZZ_PROGRAMS := $(patsubst tests/fuzz/%.c,$(FUZZ)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
# These need the engines alone, with libc's heap; others link the whole hosted machine.
FUZZ_FLASK := $(FUZZ)/fuzz_flask $(FUZZ)/fuzz_context $(FUZZ)/fuzz_shype
FUZZ_FLASK_OBJS := $(patsubst %.c,$(FUZZ)/%.o,$(wildcard xsm/flask/*.c xsm/shype/*.c hypervisor/lib/*.c) tests/hosted/shim.c)
FUZZ_RAV := $(FUZZ)/fuzz_audit
FUZZ_RAV_OBJS := $(patsubst %.c,$(FUZZ)/%.o,$(filter-out %/audit.c %/audit_daemon.c %/audit_check.c %/audit_stats.c %/audit_source.c,$(wildcard tools/rav/audit*.c)) tools/rav/common.c)
FUZZ_MACHINE_OBJS := $(patsubst %.c,$(FUZZ)/%.o,$(PORTABLE_SRCS) tests/hosted/edge.c tests/hosted/machine.c)

$(FUZZ)/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  CLANG   $<"
	@clang $(FUZZ_CFLAGS) -I$(dir $<) -Itests/hosted -MMD -MP -c -o $@ $<

# And these readers of the tools.
FUZZ_TOOLS := $(FUZZ)/fuzz_avc_line $(FUZZ)/fuzz_shype_xml $(FUZZ)/fuzz_shype_store
$(FUZZ)/fuzz_avc_line: $(FUZZ)/tests/fuzz/fuzz_avc_line.o $(FUZZ)/tools/rav/avc_line.o
	@clang $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^

$(FUZZ)/fuzz_shype_store: $(FUZZ)/tests/fuzz/fuzz_shype_store.o $(FUZZ)/tools/rav/shype_store.o
	@clang $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^

FUZZ_XML_OBJS := $(FUZZ)/tools/rav/shype_compile.o $(FUZZ)/tools/rav/shype_file.o $(FUZZ)/tools/rav/files.o $(FUZZ)/tools/rav/common.o
$(FUZZ_XML_OBJS): FUZZ_CFLAGS += -I/usr/include/libxml2
$(FUZZ)/fuzz_shype_xml: $(FUZZ)/tests/fuzz/fuzz_shype_xml.o $(FUZZ_XML_OBJS) $(FUZZ_FLASK_OBJS)
	@clang $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^ -ljson-c -lcrypto

$(FUZZ_FLASK): $(FUZZ)/%: $(FUZZ)/tests/fuzz/%.o $(FUZZ_FLASK_OBJS)
	@clang $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^

$(FUZZ_RAV): $(FUZZ)/%: $(FUZZ)/tests/fuzz/%.o $(FUZZ_RAV_OBJS)
	@clang $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^ -ljson-c -lcrypto

$(filter-out $(FUZZ_FLASK) $(FUZZ_RAV) $(FUZZ_TOOLS),$(FUZZ_PROGRAMS)): $(FUZZ)/%: $(FUZZ)/tests/fuzz/%.o $(FUZZ_MACHINE_OBJS)
	@clang $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^ -lpthread

-include $(FUZZ_FLASK_OBJS:.o=.d) $(FUZZ_RAV_OBJS:.o=.d) $(FUZZ_MACHINE_OBJS:.o=.d)

$(FUZZ)/make-seeds: tests/fuzz/seeds.c tests/hosted/flask_generate.c tests/hosted/flask_generate.h
	@mkdir -p $(@D)
	@$(HOSTCC) -std=gnu17 -O1 $(WARN) -o $@ tests/fuzz/seeds.c tests/hosted/flask_generate.c

$(FUZZ)/seeds: $(FUZZ)/make-seeds $(BUILD)/policy $(BUILD)/shype/banks $(BUILD)/shype/apart
	@mkdir -p $(FUZZ)/cil $(FUZZ)/fuzz_avc_line.corpus $(FUZZ)/fuzz_flask.corpus $(FUZZ)/fuzz_context.corpus $(FUZZ)/fuzz_hypercall.corpus
	@$< cil $(FUZZ)/cil 20
	@$< raw $(FUZZ)/fuzz_hypercall.corpus 60
	@for f in $(FUZZ)/cil/*.cil; do n=$$(basename $$f .cil); v=$$((n % 2 ? 24 : 30)); \
		secilc -N -t xen -M true -c $$v -f /dev/null -o $(FUZZ)/fuzz_flask.corpus/seed-$$n $$f >/dev/null 2>&1 || exit 1; done
	@cp $(BUILD)/policy $(FUZZ)/fuzz_flask.corpus/default
	@mkdir -p $(FUZZ)/fuzz_shype.corpus $(FUZZ)/fuzz_shype_xml.corpus
	@cp $(BUILD)/shype/banks $(BUILD)/shype/apart $(FUZZ)/fuzz_shype.corpus; cp policy/shype/*.xml $(FUZZ)/fuzz_shype_xml.corpus
	@mkdir -p $(FUZZ)/fuzz_shype_store.corpus && printf '%s\n' 'ravelin-shype-labels 1' 'bridge xenbr0 banks net_a -' 'disk lvm:Kq0Z-1b banks disk_a /dev/vg/a' \
		'disk wwn:t10.ATA%20QEMU banks disk_a -' 'image sha256:00ff banks os /srv/a%20b' 'end 4' >$(FUZZ)/fuzz_shype_store.corpus/seed
	@mkdir -p $(FUZZ)/fuzz_audit.corpus && cp tests/fuzz/audit/* $(FUZZ)/fuzz_audit.corpus
	@for range in s0 s0:c1 s0:c1,c3.c5 s0-s0:c0.c1023 s0:c1-s0:c0.c2,c9; do \
		echo -n "system_u:system_r:guest_t:$$range" >$(FUZZ)/fuzz_context.corpus/$$range; done
	@echo '(RAV) avc:  denied  { map_read map_write } for domid=0 target=3 op=memory.x scontext=a:b:c:s0 tcontext=d:e:f:s0:c1 tclass=mmu permissive=0' \
		>$(FUZZ)/fuzz_avc_line.corpus/record
	@touch $@

# Every domain may do everything to every other: tenants, neverallow and all gone.
$(FUZZ)/policy: $(POLICY_GEN) $(POLICY_CIL)
	@mkdir -p $(@D)
	@{ echo '(typeattribute anybody)(typeattributeset anybody (or domain_type (or event_type build_type)))'; \
		for c in $$(sed -n 's/^(class \([a-z0-9_]*\) .*/\1/p' $(BUILD)/gen/classes.cil); do echo "(allow anybody any_type ($$c (all)))"; done; } >$@.cil
	@$(SECILC) -N -f /dev/null -o $@ $(POLICY_GEN) $(filter-out policy/flask/mcs.cil,$(POLICY_CIL)) $@.cil

fuzz: $(FUZZ_PROGRAMS) $(FUZZ)/seeds $(FUZZ)/policy ## every fuzzer for TIME seconds (default 60)
	@tests/fuzz/run $(TIME) $(FUZZ_PROGRAMS)

test-fuzz: $(FUZZ_PROGRAMS) $(FUZZ)/seeds $(FUZZ)/policy
	@tests/fuzz/run 10 $(FUZZ_PROGRAMS)

.PHONY: fuzz test-fuzz
