/* Planted: a lemma that is false, and a function that follows from it. */
/*@ lemma beyond: \forall integer x; x > 0 ==> x > 1; */
/*@ requires x > 0; assigns \nothing; ensures \result > 1; */
int beyond(int x);

int beyond(int x)
{
	return x;
}
