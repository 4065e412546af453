/* Planted: grants when one of two is missing. */
/*@ assigns \nothing; ensures \result == 0 <==> p != 0 && q != 0; */
int decide(int p, int q);

int decide(int p, int q)
{
	return p || q ? 0 : -13;
}
