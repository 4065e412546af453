/* Planted: a length that the input chooses is bounded one too high. */
volatile unsigned int any;
void eva_main(void);

void eva_main(void)
{
	unsigned char name[16] = { 0 };
	unsigned int len = any;

	if (len <= sizeof(name))
		name[len] = 1;
}
