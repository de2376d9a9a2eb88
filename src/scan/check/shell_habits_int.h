/*
 * shell_habits_int.h - a script taken apart, for those who look at its commands.
 */
#ifndef SEAWALL_SCAN_CHECK_SHELL_HABITS_INT_H
#define SEAWALL_SCAN_CHECK_SHELL_HABITS_INT_H

#include "base/vec.h"
#include "scan/check/shell_habits.h"

enum { SHELL_NONE = -1 };

/* What surrounds a command that stands in another's words. */
enum shell_part {
  SHELL_PART_NONE,
  SHELL_PART_VALUE,  /* $(...), `...`: its output becomes words */
  SHELL_PART_FILE,   /* <(...): its output becomes a file */
  SHELL_PART_SCRIPT, /* sh -c '...' */
};

struct shell_command {
  struct str *words; /* without quotes; what is expanded stands as written */
  size_t count, room;
  size_t program;  /* the word that is run: behind assignments, sudo, env; count if there is none */
  struct str name; /* its last part: "curl"; empty: none */
  bool sudo;
  size_t offset, end; /* in the outermost script */
  int from;           /* the command whose output it reads; SHELL_NONE */
  int whole;          /* the command in whose words it stands; SHELL_NONE */
  enum shell_part part;
  struct str output; /* the file its output goes to; empty: none */
  unsigned depth;
};

struct shell_commands {
  struct shell_command *items;
  size_t count, room;
  struct arena *arena;
  struct str script;
  bool cut;
};

/* Takes the script apart; shell_commands_free gives the array back, words live in the arena. */
void shell_commands_read(struct shell_commands *commands, struct str script, struct arena *arena);
void shell_commands_free(struct shell_commands *commands);

#endif
