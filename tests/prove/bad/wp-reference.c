/* Planted: a gate in miniature that keeps its reference when it is told no. */
struct domain;
/*@ ghost int taken; */
/*@
  axiomatic planted {
    logic integer refs{L}(struct domain *d) reads taken;
    predicate grants(struct domain *d, integer p) reads \nothing;
  }
  predicate moved{K, L}(struct domain *d, integer n) = \forall struct domain *e; refs{L}(e) == refs{K}(e) + (e == d ? n : 0);
*/
/*@ assigns taken; ensures \result != \null && moved{Pre, Post}(\result, 1); */
struct domain *lookup(unsigned int id);
/*@ assigns taken; ensures moved{Pre, Post}(d, -1); */
void put(struct domain *d);
/*@ assigns \nothing; ensures grants(d, p) ? \result == 0 : \result == -13; */
int decide(struct domain *d, unsigned int p);
/*@ requires \valid(out); assigns *out, taken; ensures \result == 0 ? moved{Pre, Post}(*out, 1) : moved{Pre, Post}(*out, 0); */
int open(unsigned int id, unsigned int p, struct domain **out);

int open(unsigned int id, unsigned int p, struct domain **out)
{
	struct domain *d = lookup(id);
	int rc = decide(d, p);

	if (rc == 0)
		*out = d;
	return rc;
}
