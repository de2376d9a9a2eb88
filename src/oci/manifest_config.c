/* The configuration of an image: its members, with their types checked. */
#include "oci/manifest.h"

#include "data/json.h"
#include "oci/reference.h"

enum { DEPTH_MAX = 64 };

static int type_error(struct value v, const char *name, const char *must, struct error *err)
{
  return error_set(err, SW_EINVAL, "\"%s\" is a %s, must be %s", name, value_type_name(v), must);
}

static int get(struct value object, const char *name, enum value_type type, const char *must,
               struct value *ret, struct error *err)
{
  struct value v = value_get(object, value_from(name));
  *ret = VALUE_NONE;
  if (value_is_nil(v))
    return 0;
  if (!value_is(v, type))
    return type_error(v, name, must, err);
  bool list = type == VALUE_ARRAY || type == VALUE_OBJECT;
  if (list && v.len > OCI_CONFIG_LIST_MAX)
    return error_set(err, SW_ELIMIT, "\"%s\" has more than %d elements", name, OCI_CONFIG_LIST_MAX);
  *ret = v;
  return 0;
}

static int get_text(struct value object, const char *name, struct str *ret, struct error *err)
{
  struct value v;
  int rc = get(object, name, VALUE_STRING, "a string", &v, err);
  *ret = value_str_or_empty(v);
  return rc;
}

static int get_strings(struct value object, const char *name, struct arena *arena,
                       struct oci_strings *ret, struct error *err)
{
  struct value list;
  int rc = get(object, name, VALUE_ARRAY, "an array of strings", &list, err);
  if (rc < 0)
    return rc;
  ret->items = arena_array(arena, struct str, list.len);
  ret->count = list.len;
  for (uint32_t i = 0; i < list.len; i++) {
    if (!value_is(list.items[i], VALUE_STRING))
      return type_error(list.items[i], name, "an array of strings", err);
    ret->items[i] = value_str(list.items[i]);
  }
  return 0;
}

/* Docker writes a command of one string as that string. */
static int get_command(struct value object, const char *name, struct arena *arena,
                       struct oci_strings *ret, struct error *err)
{
  struct value v = value_get(object, value_from(name));
  if (!value_is(v, VALUE_STRING))
    return get_strings(object, name, arena, ret, err);
  ret->items = arena_array(arena, struct str, 1);
  ret->items[0] = value_str(v);
  ret->count = 1;
  return 0;
}

static int get_keys(struct value object, const char *name, struct arena *arena,
                    struct oci_strings *ret, struct error *err)
{
  struct value map;
  int rc = get(object, name, VALUE_OBJECT, "an object", &map, err);
  if (rc < 0)
    return rc;
  ret->items = arena_array(arena, struct str, map.len);
  ret->count = map.len;
  for (uint32_t i = 0; i < map.len; i++)
    ret->items[i] = value_str(map.members[i].key);
  return 0;
}

static int get_labels(struct value object, struct arena *arena, struct oci_config *c,
                      struct error *err)
{
  struct value map;
  int rc = get(object, "Labels", VALUE_OBJECT, "an object of strings", &map, err);
  if (rc < 0)
    return rc;
  c->labels = arena_array(arena, struct oci_pair, map.len);
  c->label_count = map.len;
  for (uint32_t i = 0; i < map.len; i++) {
    struct value v = map.members[i].value;
    if (!value_is(v, VALUE_STRING) && !value_is_nil(v))
      return type_error(v, "Labels", "an object of strings", err);
    c->labels[i] = (struct oci_pair){value_str(map.members[i].key), value_str_or_empty(v)};
  }
  return 0;
}

static int read_execution(struct value v, struct arena *arena, struct oci_config *c,
                          struct error *err)
{
  struct value health = VALUE_NONE;
  int rc = get_text(v, "User", &c->user, err);
  if (rc == 0)
    rc = get_text(v, "WorkingDir", &c->working_dir, err);
  if (rc == 0)
    rc = get_text(v, "StopSignal", &c->stop_signal, err);
  if (rc == 0)
    rc = get_strings(v, "Env", arena, &c->env, err);
  if (rc == 0)
    rc = get_command(v, "Entrypoint", arena, &c->entrypoint, err);
  if (rc == 0)
    rc = get_command(v, "Cmd", arena, &c->cmd, err);
  if (rc == 0)
    rc = get_command(v, "Shell", arena, &c->shell, err);
  if (rc == 0)
    rc = get_strings(v, "OnBuild", arena, &c->on_build, err);
  if (rc == 0)
    rc = get_keys(v, "ExposedPorts", arena, &c->exposed_ports, err);
  if (rc == 0)
    rc = get_keys(v, "Volumes", arena, &c->volumes, err);
  if (rc == 0)
    rc = get_labels(v, arena, c, err);
  if (rc == 0)
    rc = get(v, "Healthcheck", VALUE_OBJECT, "an object", &health, err);
  return rc < 0 ? rc : get_strings(health, "Test", arena, &c->health_test, err);
}

static int read_step(struct value v, struct oci_history *ret, struct error *err)
{
  struct value empty = VALUE_NONE;
  if (!value_is(v, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "it is a %s, must be an object", value_type_name(v));
  int rc = get_text(v, "created", &ret->created, err);
  if (rc == 0)
    rc = get_text(v, "created_by", &ret->created_by, err);
  if (rc == 0)
    rc = get_text(v, "author", &ret->author, err);
  if (rc == 0)
    rc = get_text(v, "comment", &ret->comment, err);
  if (rc == 0)
    rc = get(v, "empty_layer", VALUE_BOOL, "true or false", &empty, err);
  ret->empty_layer = value_is_true(empty);
  return rc;
}

static int read_history(struct value root, struct arena *arena, struct oci_config *c,
                        struct error *err)
{
  struct value list;
  int rc = get(root, "history", VALUE_ARRAY, "an array", &list, err);
  if (rc < 0)
    return rc;
  c->history = arena_zalloc(arena, list.len, sizeof *c->history);
  c->history_count = list.len;
  for (uint32_t i = 0; i < list.len; i++) {
    rc = read_step(list.items[i], &c->history[i], err);
    if (rc < 0)
      return error_wrap(err, "history[%u]", i);
  }
  return 0;
}

static int read_diff_ids(struct value root, struct arena *arena, struct oci_config *c,
                         struct error *err)
{
  struct value rootfs = VALUE_NONE;
  int rc = get(root, "rootfs", VALUE_OBJECT, "an object", &rootfs, err);
  if (rc == 0)
    rc = get_strings(rootfs, "diff_ids", arena, &c->diff_ids, err);
  if (rc < 0)
    return error_wrap(err, "rootfs");
  if (c->diff_ids.count > OCI_LAYERS_MAX)
    return error_set(err, SW_ELIMIT, "rootfs: \"diff_ids\" has more than %d elements",
                     OCI_LAYERS_MAX);
  for (size_t i = 0; i < c->diff_ids.count; i++)
    if (!image_digest_valid(c->diff_ids.items[i]))
      return error_set(err, SW_EINVAL, "rootfs: diff_ids[%zu] is no digest: \"%.*s\"", i,
                       STR_FMT(str_sub(c->diff_ids.items[i], 0, OCI_DIGEST_TEXT_MAX)));
  return 0;
}

int oci_config_read(struct str text, struct arena *arena, struct oci_config *ret, struct error *err)
{
  const struct json_options options = {.size_max = OCI_DOCUMENT_MAX, .depth_max = DEPTH_MAX};
  struct oci_config c = {0};
  struct value root, execution = VALUE_NONE;
  int rc = json_parse(arena, text, &options, &root, err);
  if (rc < 0)
    return rc;
  if (!value_is(root, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "it is a %s, must be an object", value_type_name(root));
  rc = oci_platform_from_value(root, &c.platform, err);
  if (rc == 0)
    rc = get_text(root, "created", &c.created, err);
  if (rc == 0)
    rc = get_text(root, "author", &c.author, err);
  if (rc == 0)
    rc = get(root, "config", VALUE_OBJECT, "an object", &execution, err);
  if (rc == 0) {
    rc = read_execution(execution, arena, &c, err);
    if (rc < 0)
      return error_wrap(err, "config");
  }
  if (rc == 0)
    rc = read_history(root, arena, &c, err);
  if (rc == 0)
    rc = read_diff_ids(root, arena, &c, err);
  if (rc < 0)
    return rc;
  *ret = c;
  return 0;
}
