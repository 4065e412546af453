/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: test cases by name, in the order in which they run.
 * Locking: none. Trust: a guest.
 */
#include "tests.h"

const struct guest_test guest_tests[] = {
	{ "hello", test_hello },
	{ "timer", test_timer },
	{ "halts", test_halts },
	{ "smp", test_smp },
	{ "evtchn2l", test_evtchn2l },
	{ "fifo", test_fifo },
	{ "vcpuinfo", test_vcpuinfo },
	{ "grant", test_grant },
	{ "denied", test_denied },
	{ "attack", test_attack },
	{ "children", test_children },
	{ "cycles", test_cycles },
	{ "stress", test_stress },
	{ "sweep", test_sweep },
	{ "triple", test_triple },
	{ "badstate", test_badstate },
	{ "spin", test_spin },
	{ "dead", test_dead },
	{ "idle", test_idle },
	{ "insns", test_insns },
	{ "mmio", test_mmio },
	{ "controls", test_controls },
	{ "msrs", test_msrs },
	{ "ports", test_ports },
	{ "garbage", test_garbage },
	{ "siege", test_siege },
	{ "storm", test_storm },
	{ "innocent", test_innocent },
	{ "costs", test_costs },
	{ "load", test_load },
	{ "work", test_work },
	{ "share", test_share },
	{ "life", test_life },
	{ "growth", test_growth },
	{ "size", test_size },
	{ "differential", test_differential },
	{ "peer", test_peer },
};
const unsigned int guest_tests_nr = ARRAY_SIZE(guest_tests);
