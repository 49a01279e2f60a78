/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FUZZ_FAKE_DATAPATH_H
#define FUZZ_FAKE_DATAPATH_H

#include "ovsnl_family.h"

/* A datapath implementation in arrays: just enough behind struct ovsnl_ops for
 * the command bodies to do all that they can do. It checks what the seam
 * promises: locks, ownership, well-formed replies.
 */

extern const struct ovsnl_ops fake_ops;

/** fake_start() - an empty world. */
void fake_start(void);

/** fake_stop() - checks that no lock is held and no reply lost, frees all. */
void fake_stop(void);

/** fake_must_be_locked() - the caller was called between lock() and unlock(). */
void fake_must_be_locked(void);

/** fake_check_messages() - are these whole, well-formed messages? */
void fake_check_messages(const void *data, size_t len);

#endif
