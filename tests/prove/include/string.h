/* SPDX-License-Identifier: Apache-2.0 */
/* For the provers: of C's string.h what hv/string.h says; and what the tools use besides. Locking: none. Trust: an assumption (ASSUMPTIONS). */
#ifndef PROVE_STRING_H
#define PROVE_STRING_H

#include <hv/string.h>

/*@
  requires \valid_read((char *)s + (0 .. n - 1));
  assigns \nothing;
  ensures \result != \null ==> \base_addr((char *)\result) == \base_addr((char *)s) && (char *)s <= (char *)\result < (char *)s + n && *(char *)\result == (char)c;
*/
void *memchr(const void *s, int c, size_t n);

#endif
