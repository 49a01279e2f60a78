/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_ERR_H
#define OVSNL_ERR_H

#include "ovsnl_env.h"

struct ovsnl_policy;

/**
 * struct ovsnl_err - why a request was refused, in words.
 * @msg: what is wrong; a string constant, never freed. NULL while nothing was
 *       said. The kernel copies it into extack, the twin into the NLMSGERR
 *       reply (NLMSGERR_ATTR_MSG).
 * @attr: the attribute at fault, a pointer into the request, or NULL.
 * @context: a second sentence for the log ("Flow actions may not be safe on
 *           all matching packets."), a string constant or NULL.
 * @policy: what @attr was judged by, a constant, or NULL. The twin describes it
 *          in the NLMSGERR reply (NLMSGERR_ATTR_POLICY); in the kernel it is
 *          the genl core that checks attributes.
 * @quiet: the request asked for no log line (OVS_*_ATTR_PROBE).
 *
 * The first message set wins: it names the innermost cause.
 */
struct ovsnl_err {
	const char *msg;
	const struct nlattr *attr;
	const char *context;
	const struct ovsnl_policy *policy;
	bool quiet;
};

/**
 * ovsnl_err_set() - record the cause of a refusal and hand the errno on.
 * @err: record to fill, may be NULL
 * @code: the negative errno to return
 * @msg: string constant
 * @attr: attribute at fault inside the request, or NULL
 *
 * Return: @code, so that callers can write "return ovsnl_err_set(...)".
 */
static inline int ovsnl_err_set(struct ovsnl_err *err, int code,
				const char *msg, const struct nlattr *attr)
{
	if (err && !err->msg) {
		err->msg = msg;
		err->attr = attr;
	}
	return code;
}

#endif
