/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_VERSION_H
#define TWIN_VERSION_H

#define TWIN_VERSION "0.1.0"

#endif
