/* Planted: reads one byte beyond what it was given. */
/*@ requires \valid_read(b + (0 .. n - 1)); assigns \nothing; */
unsigned int sum(const unsigned char *b, unsigned int n);

unsigned int sum(const unsigned char *b, unsigned int n)
{
	unsigned int s = 0;

	/*@ loop invariant i <= n + 1; loop assigns i, s; */
	for (unsigned int i = 0; i <= n; i++)
		s += b[i];
	return s;
}
