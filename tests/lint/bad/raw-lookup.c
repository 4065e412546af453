/* SPDX-License-Identifier: Apache-2.0 */
/* Planted: a domain by its number, past the gate. */
struct domain *handler_finds(unsigned short id)
{
	return domain_lookup_raw(id);
}
