/* SPDX-License-Identifier: Apache-2.0 */
/* Planted: two headers that need each other. */
#include "cycle-a.h"
