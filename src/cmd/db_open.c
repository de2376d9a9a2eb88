#include "cmd/db_open.h"

#include "scan/advisory/database_place.h"

int db_open(const char *given, struct buf *ret_path, struct advisory_database **ret,
            struct error *err)
{
  int rc = 0;
  if (given)
    buf_add_text(ret_path, given);
  else
    rc = advisory_database_place(ret_path, err);
  if (rc < 0)
    return rc;
  const char *path = buf_text(ret_path);
  rc = advisory_database_open(path, ret, err);
  if (rc == SW_ENOENT && given)
    error_set(err, rc,
              "no database of advisories is at %s: \"seawall db update --db %s\" fetches one, "
              "\"seawall db build --output %s FILE...\" makes one of files",
              path, path, path);
  else if (rc == SW_ENOENT)
    error_set(err, rc,
              "no database of advisories is at %s: \"seawall db update\" fetches one, \"seawall db "
              "build FILE...\" makes one of files",
              path);
  return rc;
}
