/*
 * banned.h - functions that nobody here calls.
 *
 * The build includes this file before every C file. The standard headers are
 * pulled in first, so that their own declarations are not touched; afterwards
 * a call to one of the names below does not compile.
 *
 * Memory comes from base/mem.h (which counts, caps and aborts with a message)
 * or from an arena; text from base/buf.h (which cannot overflow).
 */
#ifndef SEAWALL_BASE_BANNED_H
#define SEAWALL_BASE_BANNED_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SW_BANNED(name) sw_banned_function_##name

#undef strcpy
#define strcpy(d, s) SW_BANNED(strcpy)
#undef strcat
#define strcat(d, s) SW_BANNED(strcat)
#undef strncpy
#define strncpy(d, s, n) SW_BANNED(strncpy)
#undef strncat
#define strncat(d, s, n) SW_BANNED(strncat)
#undef strtok
#define strtok(s, d) SW_BANNED(strtok)
#undef sprintf
#define sprintf(...) SW_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) SW_BANNED(vsprintf)
#undef atoi
#define atoi(s) SW_BANNED(atoi)
#undef atol
#define atol(s) SW_BANNED(atol)
#undef atoll
#define atoll(s) SW_BANNED(atoll)
#undef atof
#define atof(s) SW_BANNED(atof)
#undef alloca
#define alloca(n) SW_BANNED(alloca)
#undef gets
#define gets(s) SW_BANNED(gets)
#undef gmtime
#define gmtime(t) SW_BANNED(gmtime)
#undef localtime
#define localtime(t) SW_BANNED(localtime)
#undef ctime
#define ctime(t) SW_BANNED(ctime)

#undef malloc
#define malloc(n) SW_BANNED(malloc)
#undef calloc
#define calloc(n, s) SW_BANNED(calloc)
#undef realloc
#define realloc(p, n) SW_BANNED(realloc)
#undef strdup
#define strdup(s) SW_BANNED(strdup)
#undef strndup
#define strndup(s, n) SW_BANNED(strndup)
#undef asprintf
#define asprintf(...) SW_BANNED(asprintf)

#endif
