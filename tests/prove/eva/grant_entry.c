/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eva's start for hypervisor/core/grant_entry.c: any reference to a table of each size, its entries written by the guest at any time. Taken back is only
 * what was taken: a reference of the table.
 */
#include "guest.c"
#include <grant_private.h>

static struct grant_state state;
static struct grant_frame frames[GRANT_FRAMES_MAX];
static struct grant_entry_v1 page[GRANTS_PER_FRAME];
static struct grant_active active[GRANTS_PER_FRAME];
static struct domain *const granter = &guest_domains[0];

static inline uint32_t any_below(uint32_t n) { return any_u32 % n; }
static inline void look(uint64_t value) { volatile uint64_t used = value; }

mfn_t p2m_get_ram(struct domain *d, gfn_t gfn) { look(gfn); return any_u64; }

/* Frames behind the table's are not there. */
static void one_table(uint32_t nr_frames)
{
	struct grant_entry_v1 *const some_page[] = { page, NULL };
	mfn_t mfn;

	guest_fill(granter, sizeof(*granter));
	granter->grant = &state;
	guest_fill(&state, sizeof(state));
	state.nr_frames = nr_frames;
	state.frame = frames + GRANT_FRAMES_MAX - nr_frames;
	guest_fill(active, sizeof(active));
	/*@ loop unroll 1024; */
	for (uint32_t i = 0; i < nr_frames; i++)
		state.frame[i] = (struct grant_frame){ .shared = some_page[any_below(2)], .active = active };
	if (grant_pin(granter, any_u32, (domid_t)any_u32, any_bool, &mfn) == GNTST_okay)
		look(mfn);
	if (nr_frames)
		look(grant_unpin(granter, any_below(nr_frames * GRANTS_PER_FRAME), any_bool));
}

void eva_main(void)
{
	const uint32_t some_frames[] = { 0, 1, 2, 64, 1024 };

	/*@ loop unroll 5; */
	for (unsigned int i = 0; i < 5; i++) {
		/*@ slevel merge; */
		one_table(some_frames[i]);
	}
}
