/* SPDX-License-Identifier: Apache-2.0 */
/* gcc's functions, for the provers: undefined for 0. Included before each source. */
#ifdef __FRAMAC__
/*@ requires x != 0; assigns \nothing; ensures 0 <= \result <= 63; */
int __builtin_ctzll(unsigned long long x);
/*@ requires x != 0; assigns \nothing; ensures 0 <= \result <= 63; */
int __builtin_clzll(unsigned long long x);
/* A word that is not zero has a bit: the provers cannot count on extensionality. */
/*@ ghost /@ requires x != 0; assigns \nothing; ensures 0 <= \result <= 63 && (x & (1 << \result)) != 0; @/ unsigned int bit_of(unsigned long long x); */
#endif
