/*
 * console.h - the terminal and the person in front of it.
 */
#ifndef SEAWALL_CMD_CONSOLE_H
#define SEAWALL_CMD_CONSOLE_H

#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>

/* "seawall: MESSAGE" on standard error, control characters made visible. */
void console_error(const struct error *err);
void console_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a text of any length, which may have several lines. */
void console_text(struct str text);

/* Whether colours are wanted on a descriptor: a terminal that knows them, and neither NO_COLOR
 * (no-color.org) nor TERM=dumb; CLICOLOR_FORCE or FORCE_COLOR ask for them in a pipe too. */
bool console_color(int fd);

/* Whether the locale's characters are UTF-8 (LC_ALL, LC_CTYPE, LANG). */
bool console_unicode(void);

/* Columns of the terminal; 0 if it is none. $COLUMNS, if a number, comes first. */
unsigned console_width(int fd);

#endif
