/* SPDX-License-Identifier: Apache-2.0 */
/* Planted: it returns a status, and a caller may lose it. */
int page_give_away(struct domain *d, mfn_t mfn);	/* -XEN_ENOMEM */
