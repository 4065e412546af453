/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every lock of the hosted machine is taken in the order of hv/lock.h, or the program ends: not only where two CPUs happen to wait for each other. Included
 * before each source (hosted.mk, fuzz.mk); the locks themselves are the product's.
 * Locking: of its own. Trust: tests only.
 */
#ifndef TESTS_LOCK_ORDER_H
#define TESTS_LOCK_ORDER_H

#include <hv/lock.h>

/* Weak: a program of one module has no machine, and is not asked. What a lock is, says where it was initialised, or (static ones) is first taken. */
#define LOCK_ORDER_HOOK __attribute__((weak))
LOCK_ORDER_HOOK void lock_order_init(const void *lock, const char *file, const char *text);
LOCK_ORDER_HOOK void lock_order_take(const void *lock, const char *file, int line, const char *text);	/* before it may wait */
LOCK_ORDER_HOOK void lock_order_tried(const void *lock, const char *file, int line, const char *text);	/* had without waiting */
LOCK_ORDER_HOOK void lock_order_give(const void *lock, const char *file, int line, const char *text);

/* No lock is held: a guest is entered, a CPU idles. */
void lock_order_check_none(const char *what);
/* This thread, on whatever CPU, holds nothing, whatever was: the machine was left by a jump, or is new. */
void lock_order_forget(void);
extern void (*lock_order_broken)(const char *what);	/* NULL: prints it and aborts */

#define lock_order_told(type, hook, real, l, ...) __extension__ ({ \
	type *lock_ = (l); \
	if (hook) \
		hook(lock_, __FILE__, ##__VA_ARGS__, #l); \
	(real)(lock_); })
#define spin_lock_init(l) lock_order_told(struct spinlock, lock_order_init, spin_lock_init, l)
#define rwlock_init(l) lock_order_told(struct rwlock, lock_order_init, rwlock_init, l)
#define spin_lock(l) lock_order_told(struct spinlock, lock_order_take, spin_lock, l, __LINE__)
#define read_lock(l) lock_order_told(struct rwlock, lock_order_take, read_lock, l, __LINE__)
#define write_lock(l) lock_order_told(struct rwlock, lock_order_take, write_lock, l, __LINE__)
#define spin_unlock(l) lock_order_told(struct spinlock, lock_order_give, spin_unlock, l, __LINE__)
#define read_unlock(l) lock_order_told(struct rwlock, lock_order_give, read_unlock, l, __LINE__)
#define write_unlock(l) lock_order_told(struct rwlock, lock_order_give, write_unlock, l, __LINE__)
#define spin_trylock(l) __extension__ ({ \
	struct spinlock *lock_ = (l); \
	bool had_ = (spin_trylock)(lock_); \
	if (had_ && lock_order_tried) \
		lock_order_tried(lock_, __FILE__, __LINE__, #l); \
	had_; })

#endif
