/*
 * notify.h - telling the service manager how things stand: ready, reloading, stopping, alive.
 *
 *     notify_send(NOTIFY_READY, &err);                       policies are loaded, the port answers
 *     notify_send("STATUS=12 policies in force", &err);      what `systemctl status` shows
 *     ... SIGHUP:  notify_reloading(&err);  reload;  notify_send(NOTIFY_READY, &err);
 *     ... SIGTERM: notify_send(NOTIFY_STOPPING, &err);
 *     uint64_t every;
 *     notify_watchdog(&every, &err);                         0: nobody wants to hear
 *     ... each every / 2: notify_send(NOTIFY_WATCHDOG, &err);
 *
 * The protocol is that of sd_notify(3): one datagram of lines NAME=VALUE to the Unix socket that
 * NOTIFY_SOCKET names, a path or, behind an "@", an abstract name. Without the variable nobody
 * listens, and all functions succeed and do nothing; so a program need not know how it was started.
 * A failure concerns the manager alone: whoever serves goes on serving, and may tell of it.
 *
 * Sending waits at most NOTIFY_WAIT_MS for a manager that does not read.
 *
 * Thread safety: from any thread, as long as none changes the environment.
 */
#ifndef SEAWALL_DAEMON_NOTIFY_H
#define SEAWALL_DAEMON_NOTIFY_H

#include "base/error.h"

#include <stdint.h>

enum {
  NOTIFY_STATE_MAX = 4096, /* bytes of a message, as systemd takes them */
  NOTIFY_WAIT_MS = 1000,
};

#define NOTIFY_READY "READY=1"
#define NOTIFY_STOPPING "STOPPING=1"
#define NOTIFY_WATCHDOG "WATCHDOG=1"

/* Sends lines NAME=VALUE, with "\n" between them. SW_EUSAGE: there is nothing in state. SW_ELIMIT: it is
 * longer than NOTIFY_STATE_MAX. SW_EINVAL: NOTIFY_SOCKET is neither a path nor an abstract name, or too
 * long for a socket. Else what the system said: SW_ENOENT, SW_EACCES, SW_EIO. */
int notify_send(const char *state, struct error *err);

/* Says that reloading has begun, with the time that Type=notify-reload asks for. NOTIFY_READY ends it. */
int notify_reloading(struct error *err);

/* Within how many nanoseconds the manager wants to hear NOTIFY_WATCHDOG each time (WATCHDOG_USEC); 0 if it
 * does not, or means another process (WATCHDOG_PID). SW_EINVAL: the variables are no such numbers. */
int notify_watchdog(uint64_t *ret_ns, struct error *err);

#endif
