/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eva's start for hypervisor/core/evtchn_fifo.c, with evtchn_notify.c: raising, unmasking and asking for a port, in either form, with what the guest writes
 * at any time: event words, control blocks, shared_info, vcpu_info. Any channel that there can be; each number of pages of words. That the last event of a
 * queue has a word is asked of the state, and shown to be kept.
 */
#include "guest.c"
#include <evtchn_notify.c>

static struct evtchn_state state;
static struct channel channel;
static struct fifo queues;
static event_word_t words[FIFO_PAGE_PORTS];
static uint8_t control_page[PAGE_SIZE];
static struct shared_info shared;
static struct vcpu_info info;
static struct domain *const home = &guest_domains[0];
static struct vcpu *const self = &guest_vcpus[0];

static inline uint32_t any_below(uint32_t n) { return any_u32 % n; }
static inline void look(uint64_t value) { volatile uint64_t used = value; }

static void any_machine(struct fifo *f, uint32_t nr_pages)
{
	struct vcpu_info *const some_info[] = { &info, NULL };
	void *const some_control[] = { control_page, control_page + PAGE_SIZE - sizeof(struct evtchn_fifo_control_block), NULL };
	uint32_t some_port = nr_pages ? any_below(nr_pages * FIFO_PAGE_PORTS) : 0;

	guest_fill(home, sizeof(*home));
	home->shared_info = &shared;
	home->evtchn = &state;
	guest_fill(self, sizeof(*self));
	self->domain = home;
	self->info = some_info[any_below(2)];
	self->fifo_control = some_control[any_below(3)];
	guest_fill(&channel, sizeof(channel));
	channel.priority = (uint8_t)any_below(EVTCHN_FIFO_MAX_QUEUES);
	channel.last_priority = (uint8_t)any_below(EVTCHN_FIFO_MAX_QUEUES);
	channel.vcpu = (uint16_t)any_below(MAX_VCPUS);
	channel.last_vcpu = (uint16_t)any_below(MAX_VCPUS);
	guest_fill(&state, sizeof(state));
	state.fifo = f;
	queues.nr_pages = nr_pages;
	/*@ loop unroll 128; */
	for (uint32_t i = 0; i < FIFO_PAGES; i++)
		queues.page[i] = i < nr_pages ? words : NULL;
	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		for (unsigned int j = 0; j < EVTCHN_FIFO_MAX_QUEUES; j++)
			queues.tail[i][j] = some_port;
}

/* Whatever was done: a tail is 0, or one that has a word; a channel is told where there are queues. */
static void still_whole(void)
{
	evtchn_port_t tail = queues.tail[any_below(MAX_VCPUS)][any_below(EVTCHN_FIFO_MAX_QUEUES)];

	/*@ assert has_word: tail == 0 || tail < queues.nr_pages * FIFO_PAGE_PORTS; */
	/*@ assert in_range: channel.last_vcpu < MAX_VCPUS && channel.last_priority < EVTCHN_FIFO_MAX_QUEUES; */
	look(tail);
}

static void one_machine(struct fifo *f, uint32_t nr_pages)
{
	const evtchn_port_t port = any_u32;

	any_machine(f, nr_pages);
	channel_raise(home, &channel, port);
	still_whole();
	look((uint64_t)evtchn_unmask(home, port));
	still_whole();
	channel_clear_pending(home, &channel, port);
	look(evtchn_port_is_pending(home, port));
	look(fifo_is_busy(home, port));
	look(evtchn_pending(self));
	if (self->info)
		evtchn_vcpu_info_moved(self);
}

struct channel *channel_lookup(const struct evtchn_state *s, evtchn_port_t port) { look(port); return any_bool ? &channel : NULL; }
struct vcpu *evtchn_vcpu(const struct domain *d, uint32_t id) { look(id); return any_bool ? self : NULL; }
void poll_wake(struct domain *d, evtchn_port_t port) { look(port); }
void vcpu_kick(struct vcpu *v) { look(v->id); }
void lapic_set_irq(struct vcpu *v, uint8_t vector, bool level) { look(v->id + vector); }

void eva_main(void)
{
	const uint32_t some_pages[] = { 0, 1, 2, 3, 64, 127, 128 };

	one_machine(NULL, 0);
	/*@ loop unroll 7; */
	for (unsigned int i = 0; i < 7; i++) {
		/*@ slevel merge; */
		one_machine(&queues, some_pages[i]);
	}
}
