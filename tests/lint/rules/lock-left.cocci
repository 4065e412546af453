// A way out of a function on which a spin lock that it took is not given back.
@@
expression L;
@@
  spin_lock(L);
  ... when != spin_unlock(L)
* return ...;
