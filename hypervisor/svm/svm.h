/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What boot/ and cpu/ ask of svm/.
 * Locking: boot, one CPU at a time. Trust: no guest data.
 */
#ifndef SVM_SVM_H
#define SVM_SVM_H

#include <hv/types.h>

/*
 * NULL if this CPU can run guests, else one line that says what is missing. Any time after the
 * first instruction of C.
 */
const char *svm_unsupported(void);
/*
 * On each CPU once, after its heap, GDT and TSS are loaded; on the boot CPU before the first domain
 * is created. -XEN_ENOMEM; -XEN_EOPNOTSUPP when the CPU cannot run guests.
 */
int __must_check svm_cpu_init(void);

#endif
