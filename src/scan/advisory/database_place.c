#include "scan/advisory/database_place.h"

#include <stdlib.h>
#include <unistd.h>

static const char *set(const char *name)
{
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

int advisory_database_place(struct buf *path, struct error *err)
{
  const char *given = set("SEAWALL_DB"), *cache = set("XDG_CACHE_HOME"), *home = set("HOME");
  if (given)
    buf_add_text(path, given);
  else if (geteuid() == 0 || access(ADVISORY_DATABASE_SYSTEM, R_OK) == 0)
    buf_add_text(path, ADVISORY_DATABASE_SYSTEM);
  else if (cache)
    buf_printf(path, "%s/seawall/advisories.db", cache);
  else if (home)
    buf_printf(path, "%s/.cache/seawall/advisories.db", home);
  else
    return error_set(
        err, SW_ENOENT,
        "neither SEAWALL_DB nor HOME is set: where the database of advisories is, is not known");
  return 0;
}
