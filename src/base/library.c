#include "base/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of the process, as what is loaded is. */
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static int find(const struct library *library, void *handle, void **functions, struct error *err)
{
  for (size_t i = 0; library->names[i]; i++) {
    functions[i] = dlsym(handle, library->names[i]);
    if (!functions[i])
      return error_set(err, SW_EUNSUPPORTED, "%s has no function %s: another version is needed",
                       library->file, library->names[i]);
  }
  return 0;
}

static int load(const struct library *library, void **table, struct error *err)
{
  void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return error_set(err, SW_EUNSUPPORTED, "%s; it comes with the package %s", dlerror(),
                     library->package);
  int rc = find(library, handle, table + 1, err);
  if (rc == 0) {
    table[0] = handle;
    if (library->table_size == (size_t)sysconf(_SC_PAGESIZE) &&
        mprotect(table, library->table_size, PROT_READ) < 0)
      rc = error_set_errno(err, errno, "protecting the functions of %s", library->file);
  }
  if (rc < 0) {
    table[0] = NULL;
    dlclose(handle);
  }
  return rc;
}

int library_load(const struct library *library, struct error *err)
{
  void **table = library->table;
  pthread_mutex_lock(&loading);
  int rc = table[0] ? 0 : load(library, table, err);
  pthread_mutex_unlock(&loading);
  return rc;
}
