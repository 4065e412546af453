# Planted bugs: what would notice if somebody made one of thirty-two mistakes. See docs/TESTING.md.
#   make plant		plants each into a copy of the sources and runs the suite's parts until one notices (PLANT_BOOT=1: QEMU too)
DEPS_PLANT := patch

plant: $(GENERATED) ## thirty-two bugs, one at a time: who notices?
	@tests/plant/run $(BUILD)/plant

test-plant: ## the patches of the planted bugs still fit
	@tests/plant/run check

.PHONY: plant test-plant
