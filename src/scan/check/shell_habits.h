/*
 * shell_habits.h - what the commands of a build step do that they had better not.
 *
 *     struct shell_habits habits;
 *     shell_habits_read(STR("apt-get update && curl http://x | sh"), &arena, &habits);
 *     for (size_t i = 0; i < habits.count; i++)
 *         tell(habits.items[i].habit, habits.items[i].offset, habits.items[i].command);
 *
 * A script of the POSIX shell (or bash) is taken apart into simple commands: quotes, here-documents, lists, pipelines,
 * substitutions, "sh -c" within, sudo and env before a program. Nothing is expanded or run. What the shell would not take is read as far as it goes: this
 * looks for habits, not for errors.
 *
 * Used for RUN in Dockerfiles and for the history of images. Instructions that are no scripts (COPY and the like) are
 * the caller's to leave out.
 *
 * Limits: SHELL_SCRIPT_MAX bytes, SHELL_COMMANDS_MAX commands, SHELL_DEPTH_MAX scripts in scripts; beyond them
 * `cut` is set and the rest is not looked at.
 * Ownership: commands are views of the script or of the arena. Thread safety: any number of threads, each with its own
 * arena.
 */
#ifndef SEAWALL_SCAN_CHECK_SHELL_HABITS_H
#define SEAWALL_SCAN_CHECK_SHELL_HABITS_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

enum {
  SHELL_SCRIPT_MAX = 256 << 10,
  SHELL_COMMANDS_MAX = 1000,
  SHELL_WORDS_MAX = 1000, /* of a command */
  SHELL_DEPTH_MAX = 12,
};

enum shell_habit {
  SHELL_PIPE_TO_SHELL, /* what was downloaded is run, unseen */
  SHELL_UNVERIFIED,    /* signatures or certificates are not checked */
  SHELL_PLAIN_HTTP,    /* a download without encryption */
  SHELL_SECRET,        /* a password or token as it is */
  SHELL_SUDO,
  SHELL_WORLD_WRITABLE, /* chmod 777 and the like */
  SHELL_SETUID,         /* chmod u+s, chmod 4755; setgid alone is for directories */
  SHELL_UPDATE_ALONE,   /* lists of packages fetched, nothing installed */
  SHELL_UPGRADE,        /* all packages to their latest */
  SHELL_DIST_UPGRADE,   /* to another release of the distribution, or as far */
  SHELL_NO_YES,         /* would ask */
  SHELL_RECOMMENDS,     /* apt-get install with all that is recommended */
  SHELL_APT_LEFT,       /* lists of apt left behind */
  SHELL_APK_LEFT,       /* caches of the others left behind */
  SHELL_YUM_LEFT,
  SHELL_DNF_LEFT,
  SHELL_MICRODNF_LEFT,
  SHELL_ZYPPER_LEFT,
  SHELL_PIP_LEFT,
  SHELL_CD,         /* begins with a change of directory */
  SHELL_APT,        /* apt, which is made for people */
  SHELL_SSH_SERVER, /* an SSH server is installed */
  SHELL_HABITS,
};

struct shell_sign {
  enum shell_habit habit;
  size_t offset;      /* of the command in the script */
  struct str command; /* as written, without secrets in it; may be long */
  struct str detail;  /* "--nogpgcheck", "PASSWORD", "yum": what of it; may be empty */
};

struct shell_habits {
  struct shell_sign *items; /* in the order of the script; of each habit one a command */
  size_t count;
  bool curl, wget; /* which of them it calls */
  bool cut;
};

void shell_habits_read(struct str script, struct arena *arena, struct shell_habits *ret);

#endif
