#include "base/mem.h"
#include "base/utf8.h"
#include "data/value.h"
#include "scan/image/reader_image_int.h"

enum { TEXT_MAX = 1 << 20 };

/* ---- writing */

static void put_strings(struct buf *out, const struct oci_strings *strings)
{
  wire_put_number(out, strings->count);
  for (size_t i = 0; i < strings->count; i++)
    wire_put_text(out, str_sub(strings->items[i], 0, TEXT_MAX));
}

static void put_platform(struct buf *out, const struct oci_platform *p)
{
  wire_put_text(out, str_from(p->os));
  wire_put_text(out, str_from(p->architecture));
  wire_put_text(out, str_from(p->variant));
  wire_put_text(out, str_from(p->os_version));
}

static void put_layers(struct buf *out, const struct oci_image *image)
{
  wire_put_number(out, image->layer_count);
  for (size_t i = 0; i < image->layer_count; i++) {
    const struct oci_image_layer *l = &image->layers[i];
    wire_put_text(out, l->packed.media_type);
    wire_put_text(out, l->packed.digest);
    wire_put_number(out, l->packed.size);
    wire_put_text(out, l->diff_id);
    wire_put_number(out, l->place);
  }
}

static void put_history(struct buf *out, const struct oci_config *c)
{
  wire_put_number(out, c->history_count);
  for (size_t i = 0; i < c->history_count; i++) {
    const struct oci_history *h = &c->history[i];
    const struct str texts[] = {h->created, h->created_by, h->author, h->comment};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
      wire_put_text(out, str_sub(texts[t], 0, TEXT_MAX));
    wire_put_number(out, h->empty_layer);
  }
}

static void put_pairs(struct buf *out, const struct oci_pair *pairs, size_t count)
{
  wire_put_number(out, count);
  for (size_t i = 0; i < count; i++) {
    wire_put_text(out, str_sub(pairs[i].key, 0, TEXT_MAX));
    wire_put_text(out, str_sub(pairs[i].value, 0, TEXT_MAX));
  }
}

static void put_annotations(struct buf *out, struct value annotations)
{
  uint32_t members = value_is(annotations, VALUE_OBJECT) ? annotations.len : 0;
  wire_put_number(out, members);
  for (uint32_t i = 0; i < members; i++) {
    wire_put_text(out, value_str_or_empty(annotations.members[i].key));
    wire_put_text(out, value_str_or_empty(annotations.members[i].value));
  }
}

#define CONFIG_TEXTS(c)                                                                            \
  {                                                                                                \
    &(c)->created, &(c)->author, &(c)->user, &(c)->working_dir, &(c)->stop_signal                  \
  }
#define CONFIG_STRINGS(c)                                                                          \
  {                                                                                                \
    &(c)->env, &(c)->entrypoint, &(c)->cmd, &(c)->shell, &(c)->exposed_ports, &(c)->volumes,       \
        &(c)->on_build, &(c)->health_test, &(c)->diff_ids                                          \
  }

void wire_put_image(struct buf *out, const struct oci_image *image)
{
  const struct oci_config *c = &image->config;
  wire_put_text(out, image->name);
  wire_put_text(out, image->digest);
  wire_put_text(out, image->id);
  put_layers(out, image);
  put_platform(out, &c->platform);
  const struct str *const texts[] = CONFIG_TEXTS(c);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    wire_put_text(out, str_sub(*texts[i], 0, TEXT_MAX));
  const struct oci_strings *const lists[] = CONFIG_STRINGS(c);
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    put_strings(out, lists[i]);
  put_pairs(out, c->labels, c->label_count);
  put_history(out, c);
  put_annotations(out, image->manifest.annotations);
}

/* ---- reading */

static struct str text(struct wire *in, struct arena *arena)
{
  return arena_copy(arena, wire_text(in, TEXT_MAX));
}

/* How many elements follow, of at least one byte each. */
static size_t count(struct wire *in, size_t max)
{
  return (size_t)wire_number_to(in, in->rest.len < max ? in->rest.len : max);
}

static void strings(struct wire *in, struct arena *arena, struct oci_strings *ret)
{
  ret->count = count(in, OCI_CONFIG_LIST_MAX);
  ret->items = arena_array(arena, struct str, ret->count + 1);
  for (size_t i = 0; i < ret->count; i++)
    ret->items[i] = text(in, arena);
}

static void platform(struct wire *in, struct oci_platform *p)
{
  const struct {
    char *to;
    size_t size;
  } parts[] = {{p->os, sizeof p->os},
               {p->architecture, sizeof p->architecture},
               {p->variant, sizeof p->variant},
               {p->os_version, sizeof p->os_version}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    struct str part = wire_text(in, parts[i].size - 1);
    if (part.len)
      memcpy(parts[i].to, part.data, part.len);
    parts[i].to[part.len] = '\0';
  }
}

static void layers(struct wire *in, struct arena *arena, struct oci_image *image)
{
  image->layer_count = count(in, OCI_LAYERS_MAX);
  image->layers = arena_zalloc(arena, image->layer_count + 1, sizeof *image->layers);
  for (size_t i = 0; i < image->layer_count; i++) {
    struct oci_image_layer *l = &image->layers[i];
    l->packed.media_type = text(in, arena);
    l->packed.digest = text(in, arena);
    l->packed.size = wire_number(in);
    l->diff_id = text(in, arena);
    l->place = wire_number(in);
  }
}

static void history(struct wire *in, struct arena *arena, struct oci_config *c)
{
  c->history_count = count(in, OCI_CONFIG_LIST_MAX);
  c->history = arena_zalloc(arena, c->history_count + 1, sizeof *c->history);
  for (size_t i = 0; i < c->history_count; i++) {
    struct oci_history *h = &c->history[i];
    struct str *const texts[] = {&h->created, &h->created_by, &h->author, &h->comment};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
      *texts[t] = text(in, arena);
    h->empty_layer = wire_number_to(in, 1);
  }
}

static void labels(struct wire *in, struct arena *arena, struct oci_config *c)
{
  c->label_count = count(in, OCI_CONFIG_LIST_MAX);
  c->labels = arena_zalloc(arena, c->label_count + 1, sizeof *c->labels);
  for (size_t i = 0; i < c->label_count; i++) {
    c->labels[i].key = text(in, arena);
    c->labels[i].value = text(in, arena);
  }
}

/* Strings of values are UTF-8. */
static struct value string(struct wire *in, struct arena *arena)
{
  struct str string = text(in, arena);
  if (!utf8_valid(string))
    in->bad = true;
  return value_string(in->bad ? STR_EMPTY : string);
}

static struct value annotations(struct wire *in, struct arena *arena)
{
  uint32_t members = (uint32_t)count(in, OCI_CONFIG_LIST_MAX);
  struct value_member *list = arena_array(arena, struct value_member, members + 1);
  struct value object = VALUE_NONE;
  for (uint32_t i = 0; i < members; i++) {
    list[i].key = string(in, arena);
    list[i].value = string(in, arena);
  }
  if (members)
    value_object_make(arena, list, NULL, members, VALUE_LAST_WINS, NULL, &object);
  return object;
}

int wire_image(struct wire *in, struct arena *arena, struct oci_image *ret, struct error *err)
{
  memset(ret, 0, sizeof *ret);
  struct oci_config *c = &ret->config;
  ret->name = text(in, arena);
  ret->digest = text(in, arena);
  ret->id = text(in, arena);
  layers(in, arena, ret);
  platform(in, &c->platform);
  struct str *const texts[] = CONFIG_TEXTS(c);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    *texts[i] = text(in, arena);
  struct oci_strings *const lists[] = CONFIG_STRINGS(c);
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    strings(in, arena, lists[i]);
  labels(in, arena, c);
  history(in, arena, c);
  ret->manifest.annotations = annotations(in, arena);
  if (in->bad)
    return error_set(err, SW_EINVAL, "the description of the image is damaged");
  return 0;
}
