/* Planted: a callee's contract promises what cannot be, so that anything is proved behind it. */
/*@ assigns \nothing; ensures \result > n && \result < n; */
int promise(int n);
/*@ requires n >= 0; ensures \result == 42; */
int anything(int n);

int anything(int n)
{
	int m = promise(n);

	if (m == n)
		return 0;
	return m;
}
