/* Planted: a gate in miniature that hands the domain out before it asks. */
struct domain;
/*@ axiomatic planted { predicate grants(struct domain *d, integer p) reads \nothing; } */
/*@ assigns \nothing; */
struct domain *lookup(unsigned int id);
/*@ assigns \nothing; ensures grants(d, p) ? \result == 0 : \result == -13; */
int decide(struct domain *d, unsigned int p);
/*@ requires \valid(out); assigns *out; ensures \result == 0 ? grants(*out, p) : *out == \old(*out); */
int open(unsigned int id, unsigned int p, struct domain **out);

int open(unsigned int id, unsigned int p, struct domain **out)
{
	*out = lookup(id);
	return decide(*out, p);
}
