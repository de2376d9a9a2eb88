#include "cmd/directory_kind.h"

#include "base/buf.h"
#include "base/mem.h"

#include <unistd.h>

enum directory_kind directory_kind(const char *path)
{
  static const struct {
    const char *name;
    enum directory_kind kind;
  } marks[] = {{"oci-layout", DIRECTORY_LAYOUT},
               {"overlay-images/images.json", DIRECTORY_STORE},
               {"vfs-images/images.json", DIRECTORY_STORE},
               {"io.containerd.content.v1.content", DIRECTORY_STORE},
               {"blobs/sha256", DIRECTORY_STORE},
               {"etc/os-release", DIRECTORY_ROOT},
               {"usr/lib/os-release", DIRECTORY_ROOT},
               {"var/lib/dpkg/status", DIRECTORY_ROOT},
               {"lib/apk/db/installed", DIRECTORY_ROOT},
               {"var/lib/rpm", DIRECTORY_ROOT}};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
    _cleanup_(buf_free) struct buf name = {0};
    buf_printf(&name, "%s/%s", path, marks[i].name);
    if (access(buf_text(&name), F_OK) == 0)
      return marks[i].kind;
  }
  return DIRECTORY_OTHER;
}
