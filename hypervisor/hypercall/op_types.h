/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every public header that operations.def names types and numbers of.
 * Locking: none. Trust: layouts that guests fill.
 */
#ifndef HYPERCALL_OP_TYPES_H
#define HYPERCALL_OP_TYPES_H

#include <abi/ravelin.h>
#include <hv/types.h>
#include <xen/argo.h>
#include <xen/callback.h>
#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/dm_op.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/hypfs.h>
#include <xen/kexec.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/pmu.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/version.h>
#include <xen/xenoprof.h>
#include <xen/xsm/flask_op.h>
#include <xen/arch-x86/xen-mca.h>

#endif
