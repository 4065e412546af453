/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for xsm/flask/decide.c. */
#include "engine.c"

static void decide_any(uint32_t slots)
{
	struct flask_vector v;
	struct access a;

	any_policy(slots);
	policy_compute_vector(&policy, &source, &target, any_bool, &v);
	policy_compute_class(&policy, &source, &target, any_of(CLASSES), &a);
	/*@ assert \initialized(&a) && \initialized(&v.allowed[0 .. FLASK_WORDS - 1]) && \initialized(&v.permissive); */
}

void eva_main(void)
{
	decide_any(0);
	decide_any(1);
	decide_any(3);
}
