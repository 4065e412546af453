# The hosted machine: every portable source as a Linux program over a fake edge (edge.c), under AddressSanitizer and UBSan.
#   make build/hosted/test_foo      one test program        make test-hosted      all of tests/hosted/LIST
# A test is one file test_*.c with a main() of cmocka groups and a line in LIST: its name and how many tests it has.

DEPS_HOSTED := libcmocka-dev libsepol-dev secilc checkpolicy

HOSTED_SAN    ?= -fsanitize=address,undefined -fno-sanitize-recover=undefined
HOSTED_CFLAGS := -std=gnu17 -O1 -g $(WARN) $(INC) $(ABI) $(HOSTED_SAN) -fno-omit-frame-pointer -fno-strict-aliasing -fno-common \
	-D_GNU_SOURCE -DRAVELIN_VERSION='"$(VERSION)"'
HOSTED        := $(BUILD)/hosted

# libc has the string functions; ours are compiled under other names, so that they too can be tested here.
HOSTED_RENAME := memcpy memmove memset memcmp strlen strnlen strcmp strncmp strchr
$(HOSTED)/hypervisor/lib/string.o: HOSTED_CFLAGS += $(foreach f,$(HOSTED_RENAME),-D$(f)=hv_$(f)) -fno-builtin

HOSTED_HV_OBJS    := $(patsubst %.c,$(HOSTED)/%.o,$(PORTABLE_SRCS))
HOSTED_MACHINE    := $(HOSTED)/tests/hosted/edge.o $(HOSTED)/tests/hosted/machine.o
HOSTED_PROGRAMS   := $(patsubst tests/hosted/%.c,$(HOSTED)/%,$(sort $(wildcard tests/hosted/test_*.c)))
# Tests of one module link its objects and shim.c (libc's heap) in place of the whole core.
HOSTED_FLASK_OBJS := $(patsubst %.c,$(HOSTED)/%.o,$(wildcard xsm/flask/*.c hypervisor/lib/*.c)) $(addprefix $(HOSTED)/tests/hosted/,shim.o flask_oracle.o flask_generate.o)

$(HOSTED)/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  CC      $< (hosted)"
	@$(CC) $(HOSTED_CFLAGS) -I$(dir $<) -Itests/hosted -MMD -MP -c -o $@ $<

$(HOSTED)/libhv.a: $(HOSTED_HV_OBJS)
	@mkdir -p $(@D)
	@rm -f $@.$$$$ && ar rcs $@.$$$$ $^ && mv $@.$$$$ $@

$(HOSTED)/libmachine.a: $(HOSTED_MACHINE)
	@rm -f $@.$$$$ && ar rcs $@.$$$$ $^ && mv $@.$$$$ $@

HOSTED_FLASK_PROGRAMS := $(filter $(HOSTED)/test_flask%,$(HOSTED_PROGRAMS))
$(HOSTED_FLASK_PROGRAMS): $(HOSTED)/%: $(HOSTED)/tests/hosted/%.o $(HOSTED_FLASK_OBJS)
	@echo "  LD      $@"
	@$(CC) $(HOSTED_SAN) -o $@ $^ -lcmocka -l:libsepol.a

$(filter-out $(HOSTED_FLASK_PROGRAMS),$(HOSTED_PROGRAMS)): $(HOSTED)/%: $(HOSTED)/tests/hosted/%.o $(HOSTED)/libhv.a $(HOSTED)/libmachine.a
	@echo "  LD      $@"
	@$(CC) $(HOSTED_SAN) -o $@ $< -Wl,--start-group $(HOSTED)/libhv.a $(HOSTED)/libmachine.a -Wl,--end-group -lcmocka -lpthread

-include $(HOSTED_HV_OBJS:.o=.d) $(HOSTED_MACHINE:.o=.d) $(patsubst $(HOSTED)/%,$(HOSTED)/tests/hosted/%.d,$(HOSTED_PROGRAMS))

HOSTED_LISTED := $(addprefix $(HOSTED)/,$(shell awk '/^test_/ { print $$1 }' tests/hosted/LIST 2>/dev/null))

test-hosted: $(HOSTED_LISTED) $(BUILD)/policy ## unit tests on the hosted machine
	@tests/hosted/run tests/hosted/LIST $(HOSTED)

.PHONY: test-hosted
