/*
 * secret_name.h - whether a variable, by its name, holds a secret.
 *
 *     if (secret_name(STR("MYSQL_ROOT_PASSWORD")) && secret_value(STR("hunter2")))
 *         tell of it
 *
 * Environment variables, build arguments and labels of images are readable by everybody who can pull them. Their
 * values are the secret scanner's; here the name decides: its words (parts between "_", "-", ".", and capitals) are
 * held against a table, as are names that services are known to read. What is public, or only says where a secret
 * lies (GPG_KEY, TOKEN_FILE, PUBLIC_KEY), is not meant.
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_SCAN_CHECK_SECRET_NAME_H
#define SEAWALL_SCAN_CHECK_SECRET_NAME_H

#include "base/str.h"

/* Names longer than this are not looked at. */
enum { SECRET_NAME_MAX = 256 };

bool secret_name(struct str name);

/* Whether a value may be the secret itself: not empty, not "true", not a path, not a mere reference ($NAME), not the
 * fingerprint of an OpenPGP key. */
bool secret_value(struct str value);

#endif
