/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_DP_NOTIFY_H
#define OVS_DP_NOTIFY_H

/** ovs_dp_notify_init() - watch devices; 0 or a negative errno. */
int ovs_dp_notify_init(void);

/** ovs_dp_notify_exit() - stop, and wait for work that is under way. */
void ovs_dp_notify_exit(void);

#endif
