/* The answers to reviews, and what API servers ask of texts in them. */
#include "kube/admission.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "data/base64.h"
#include "data/json_write.h"

enum { KEY_MAX = 63 };

/* ---- texts */

/* The longest front of at most max bytes that ends between two characters. */
static struct str cut(struct str text, size_t max)
{
  if (text.len <= max)
    return text;
  size_t end = max;
  while (end > 0 && ((unsigned char)text.data[end] & 0xc0) == 0x80)
    end--;
  return str_sub(text, 0, end);
}

static const struct str mark = STR_INIT(" [...]");

/* A text of at most max bytes, with a mark where something was cut. */
static void write_cut(struct json_writer *w, struct str text, size_t max)
{
  if (text.len <= max) {
    json_string(w, text);
    return;
  }
  _cleanup_(buf_free) struct buf shorter = {0};
  buf_add(&shorter, cut(text, max - mark.len));
  buf_add(&shorter, mark);
  json_string(w, buf_str(&shorter));
}

/* ---- warnings */

/* What has been written of all warnings. */
struct warnings {
  struct json_writer *w;
  size_t written; /* bytes */
  size_t left_out;
};

enum {
  RESERVE = 64,   /* bytes that must stay free for the sentence about what is missing */
  ONE_MAX = 1024, /* bytes of one warning; more would leave no room for others */
};

static void add_warning(struct warnings *all, struct str text)
{
  text = cut(text, ONE_MAX);
  if (all->written + text.len + RESERVE > ADMISSION_WARNINGS_LENGTH) {
    all->left_out++;
    return;
  }
  if (!text.len)
    return;
  all->written += text.len;
  json_string(all->w, text);
}

/* The text with runs of control characters and spaces as one space. */
static void add_plain(struct buf *out, struct str text)
{
  bool gap = false;
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.data[i];
    bool c1 = c == 0xc2 && i + 1 < text.len && (unsigned char)text.data[i + 1] < 0xa0;
    if (c <= ' ' || c == 0x7f || c1) {
      i += c1;
      gap = true;
      continue;
    }
    if (gap && out->len)
      buf_add_byte(out, ' ');
    gap = false;
    buf_add_byte(out, (char)c);
  }
}

static void write_warnings(struct json_writer *w, const struct admission_response *r)
{
  struct warnings all = {.w = w};
  _cleanup_(buf_free) struct buf plain = {0};
  if (r->warning_count == 0)
    return;
  json_key(w, STR("warnings"));
  json_begin_array(w);
  for (size_t i = 0; i < r->warning_count; i++) {
    buf_clear(&plain);
    add_plain(&plain, r->warnings[i]);
    add_warning(&all, buf_str(&plain));
  }
  if (all.left_out) {
    buf_clear(&plain);
    buf_printf(&plain, "%zu further warnings are left out", all.left_out);
    json_string(w, buf_str(&plain));
  }
  json_end_array(w);
}

/* ---- annotations */

/* Letters and digits at both ends, these and "-", "_", "." between; a '/' is none, since the API server
 * puts the webhook's name and one in front. */
static struct str valid_key(struct str key, char text[static KEY_MAX])
{
  size_t len = key.len < KEY_MAX ? key.len : KEY_MAX;
  for (size_t i = 0; i < len; i++) {
    char c = key.data[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    bool inner = (c == '-' || c == '_' || c == '.') && i > 0 && i + 1 < len;
    text[i] = plain || inner ? c : i > 0 && i + 1 < len ? '-' : 'x';
  }
  return str_make(text, len);
}

static void write_annotations(struct json_writer *w, const struct admission_annotation *items,
                              size_t count)
{
  if (count == 0)
    return;
  json_key(w, STR("auditAnnotations"));
  json_begin_object(w);
  for (size_t i = 0; i < count; i++) {
    char text[KEY_MAX];
    json_key(w, valid_key(items[i].key, text));
    write_cut(w, items[i].value, ADMISSION_ANNOTATION_MAX);
  }
  json_end_object(w);
}

/* ---- AdmissionReview */

static void write_head(struct json_writer *w, const char *version, const char *kind)
{
  json_begin_object(w);
  json_member_string(w, STR("apiVersion"), str_from(version));
  json_member_string(w, STR("kind"), str_from(kind));
}

static void write_status(struct json_writer *w, const struct admission_response *r)
{
  if (r->code == 0)
    return;
  json_key(w, STR("status"));
  json_begin_object(w);
  json_member_string(w, STR("status"), r->allowed ? STR("Success") : STR("Failure"));
  if (r->message.len) {
    json_key(w, STR("message"));
    write_cut(w, r->message, ADMISSION_MESSAGE_MAX);
  }
  if (r->reason.len)
    json_member_string(w, STR("reason"), r->reason);
  json_member_int(w, STR("code"), r->code);
  json_end_object(w);
}

/* Base64 of the patch's JSON. */
static void write_patch(struct json_writer *w, struct value patch)
{
  if (!value_is(patch, VALUE_ARRAY) || patch.len == 0)
    return;
  _cleanup_(buf_free) struct buf text = {0};
  struct arena arena;
  arena_init(&arena, 0);
  json_write(&text, patch, 0);
  json_member_string(w, STR("patchType"), STR("JSONPatch"));
  json_member_string(w, STR("patch"), base64_encode(&arena, buf_str(&text), BASE64_STANDARD));
  arena_free(&arena);
}

void admission_response_write(struct buf *out, const struct admission_response *r)
{
  struct json_writer w = json_writer_start(out, 0);
  write_head(&w, r->version == ADMISSION_V1 ? "admission.k8s.io/v1" : "admission.k8s.io/v1beta1",
             "AdmissionReview");
  json_key(&w, STR("response"));
  json_begin_object(&w);
  json_member_string(&w, STR("uid"), r->uid);
  json_member_bool(&w, STR("allowed"), r->allowed);
  write_status(&w, r);
  if (r->allowed)
    write_patch(&w, r->patch);
  write_annotations(&w, r->annotations, r->annotation_count);
  write_warnings(&w, r);
  json_end_object(&w);
  json_end_object(&w);
}

/* ---- ImageReview */

void image_response_write(struct buf *out, const struct image_response *r)
{
  struct json_writer w = json_writer_start(out, 0);
  write_head(&w, "imagepolicy.k8s.io/v1alpha1", "ImageReview");
  json_key(&w, STR("status"));
  json_begin_object(&w);
  json_member_bool(&w, STR("allowed"), r->allowed);
  if (!r->allowed && r->reason.len) {
    json_key(&w, STR("reason"));
    write_cut(&w, r->reason, ADMISSION_MESSAGE_MAX);
  }
  write_annotations(&w, r->annotations, r->annotation_count);
  json_end_object(&w);
  json_end_object(&w);
}
