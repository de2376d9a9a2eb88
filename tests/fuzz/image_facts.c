/* Facts of layers, and descriptions of images, as a reader that was taken over would write them. */
#include "scan/image/facts.h"
#include "scan/image/reader.h"

#include <assert.h>

enum { LAYERS = 4 };

static int take_entry(void *ctx, uint32_t layer, const struct oci_entry *entry, bool keep,
                      struct error *err)
{
  (void)ctx, (void)keep, (void)err;
  assert(layer < LAYERS && entry->path.len <= OCI_PATH_MAX && entry->link.len <= OCI_PATH_MAX);
  return 0;
}

static int take_file(void *ctx, const struct file_fact *fact, struct error *err)
{
  (void)ctx, (void)err;
  assert(fact->kinds && fact->mode <= 07777 && fact->layer < LAYERS);
  return 0;
}

static int take_link(void *ctx, const struct facts_link *link, struct error *err)
{
  (void)ctx, (void)err;
  assert(link->layer < LAYERS && link->path.len <= OCI_PATH_MAX);
  return 0;
}

static int take_link_read(void *ctx, uint32_t layer, struct str path, struct error *err)
{
  (void)ctx, (void)path, (void)err;
  assert(layer < LAYERS);
  return 0;
}

/* Everything that was read can be written, and comes back. */
static int send(void *ctx, struct str piece, struct error *err)
{
  return facts_read(ctx, piece, err);
}

static void write_again(const struct analysis *a)
{
  struct arena arena;
  struct analysis again;
  struct facts_reader reader;
  struct facts_writer writer;
  struct error err;
  const struct facts_calls calls = {.entry = NULL};
  arena_init(&arena, 256 << 20);
  analysis_init(&again, &arena, PACKAGE_LIST_FILES);
  facts_reader_init(&reader, &again, LAYERS, &calls);
  facts_writer_init(&writer, send, &reader);
  assert(facts_put_layer(&writer, 0, &err) == 0 && facts_put_analysis(&writer, a, &err) == 0);
  assert(facts_put_end(&writer, &(struct facts_totals){0}, &err) == 0);
  assert(facts_flush(&writer, &err) == 0 && facts_read_end(&reader, &err) == 0);
  assert(again.packages.count == a->packages.count && again.seen.count == a->seen.count);
  for (size_t i = 0; i < a->packages.count; i++) {
    assert(str_eq(again.packages.items[i].name, a->packages.items[i].name));
    assert(again.packages.items[i].file_count == a->packages.items[i].file_count);
  }
  facts_writer_free(&writer);
  facts_reader_free(&reader);
  analysis_free(&again);
  arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct analysis analysis;
  struct facts_reader reader;
  struct error err;
  struct oci_image image;
  const struct facts_calls calls = {
      .entry = take_entry, .file = take_file, .link = take_link, .link_read = take_link_read};
  struct str text = str_make((const char *)data, size);
  arena_init(&arena, 256 << 20);
  analysis_init(&analysis, &arena, PACKAGE_LIST_FILES);
  facts_reader_init(&reader, &analysis, LAYERS, &calls);
  if (facts_read(&reader, text, &err) == 0 && facts_read_end(&reader, &err) == 0)
    write_again(&analysis);
  if (image_reader_description(text, &arena, &image, &err) == 0)
    assert(image.layer_count <= OCI_LAYERS_MAX);
  facts_reader_free(&reader);
  analysis_free(&analysis);
  arena_free(&arena);
  return 0;
}
