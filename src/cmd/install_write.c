#include "cmd/install_write.h"

#include "base/file.h"
#include "base/sink.h"
#include "crypto/key.h"
#include "data/json_write.h"
#include "data/yaml_write.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

int install_write_private(const char *path, struct str text, struct error *err)
{
  struct sink sink;
  mode_t before = umask(077);
  int rc = sink_to_file(&sink, path, err);
  if (rc == 0) {
    sink_add(&sink, text);
    rc = sink_finish(&sink, err);
    rc = rc < 0 ? error_wrap(err, "%s", path) : 0;
  }
  sink_free(&sink);
  umask(before);
  return rc;
}

static int write_object(bool json, struct buf *out, struct value object, struct error *err)
{
  if (!json)
    return yaml_write(out, object, err);
  json_write(out, object, 2);
  buf_add_byte(out, '\n');
  return 0;
}

static int write_all(bool json, struct buf *out, struct value objects, struct error *err)
{
  if (json) {
    struct json_writer w = json_writer_start(out, 2);
    json_begin_object(&w);
    json_member_string(&w, STR("apiVersion"), STR("v1"));
    json_member_string(&w, STR("kind"), STR("List"));
    json_member_value(&w, STR("items"), objects);
    json_end_object(&w);
    buf_add_byte(out, '\n');
    return 0;
  }
  for (uint32_t i = 0; i < objects.len; i++) {
    buf_add(out, STR("---\n"));
    int rc = yaml_write(out, objects.items[i], err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

int install_write_list(struct value objects, bool json, struct error *err)
{
  struct buf out = {0};
  int rc = write_all(json, &out, objects, err);
  if (rc == 0)
    rc = fd_write_all(STDOUT_FILENO, out.data, out.len, err);
  key_cleanse(buf_str(&out));
  buf_free(&out);
  return rc < 0 ? error_wrap(err, "writing to standard output") : 0;
}

/* "07-service-seawall.yaml": in the order in which kubectl apply takes the files of a directory. */
static struct str file_name(struct arena *a, const char *directory, uint32_t i, bool json,
                            struct value object)
{
  struct str kind = value_str_or_empty(value_get(object, value_from("kind")));
  struct str name =
      value_str_or_empty(value_get(value_get(object, value_from("metadata")), value_from("name")));
  char *lower = arena_alloc(a, kind.len + 1);
  for (size_t c = 0; c < kind.len; c++)
    lower[c] =
        (char)(kind.data[c] >= 'A' && kind.data[c] <= 'Z' ? kind.data[c] | 0x20 : kind.data[c]);
  return arena_printf(a, "%s/%02u-%.*s-%.*s.%s", directory, i + 1, (int)kind.len, lower,
                      STR_FMT(name), json ? "json" : "yaml");
}

static int write_file(bool json, const char *path, struct value object, struct error *err)
{
  struct buf out = {0};
  struct sink sink;
  bool secret = value_eq_str(value_get(object, value_from("kind")), STR("Secret"));
  int rc = write_object(json, &out, object, err);
  if (rc == 0 && secret) {
    rc = install_write_private(path, buf_str(&out), err);
  } else if (rc == 0) {
    rc = sink_to_file(&sink, path, err);
    if (rc == 0) {
      sink_add(&sink, buf_str(&out));
      rc = sink_finish(&sink, err);
      rc = rc < 0 ? error_wrap(err, "%s", path) : 0;
    }
    sink_free(&sink);
  }
  key_cleanse(buf_str(&out));
  buf_free(&out);
  return rc;
}

int install_write_files(struct arena *a, struct value objects, bool json, const char *directory,
                        struct error *err)
{
  if (mkdir(directory, 0777) < 0 && errno != EEXIST)
    return error_set_errno(err, errno, "%s", directory);
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && i < objects.len; i++)
    rc = write_file(json, file_name(a, directory, i, json, objects.items[i]).data, objects.items[i],
                    err);
  return rc;
}
