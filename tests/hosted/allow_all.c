/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy that allows everybody everything, whichever is loaded: for tests that load policies and ask about them (the linker's --wrap=flask_vector).
 * Locking: none; constant. Trust: tests only.
 */
#include <hv/flask.h>

const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target);

const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target)
{
	static const struct flask_vector all = { .allowed = { [0 ... FLASK_WORDS - 1] = ~0ull } };

	(void)source;
	(void)target;
	return &all;
}
