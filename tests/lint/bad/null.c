/* SPDX-License-Identifier: Apache-2.0 */
/* Planted, for cppcheck: what may be NULL is followed first and asked afterwards. */
int null_late(const int *p)
{
	int x = *p;

	return p ? x : 0;
}
