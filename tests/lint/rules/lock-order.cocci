// The order of hv/lock.h: a domain's lock comes before its p2m's; nobody takes a domain's lock with a p2m's held.
@@
expression P, D;
identifier take = {read_lock, write_lock};
identifier give = {read_unlock, write_unlock};
@@
  take(&P->p2m.lock);
  ... when != give(&P->p2m.lock)
* spin_lock(&D->lock);
@@
expression P, A, B;
identifier take = {read_lock, write_lock};
identifier give = {read_unlock, write_unlock};
@@
  take(&P->p2m.lock);
  ... when != give(&P->p2m.lock)
* domain_lock_pair(A, B);
