/* The reader of images, as the sandbox runs it. */
#include "../test.h"

#include "../base/scratch.h"

#include "../oci/image.h"
#include "scan/image/facts.h"
#include "scan/image/reader.h"

static int take(void *ctx, struct str frame, struct error *err)
{
  (void)err;
  buf_add(ctx, frame);
  return 0;
}

static int run(const struct image_reader_job *job, const char *directory, struct buf *answer,
               struct sandbox_report *report, struct error *err)
{
  struct buf argument = {0};
  const struct sandbox_calls calls = {.frame = take, .context = answer};
  struct sandbox_options options = {
      .profile = SANDBOX_FILES, .directories = &directory, .directory_count = 1};
  image_reader_job_write(job, &argument);
  int rc = sandbox_run(&options, &image_reader, buf_str(&argument), &calls, report, err);
  buf_free(&argument);
  return rc;
}

static void test_description_of_a_directory(void **state)
{
  (void)state;
  struct scratch scratch;
  scratch_open(&scratch);
  scratch_dir("root");
  scratch_file("root/a", "text");
  struct buf answer = {0};
  struct sandbox_report report;
  struct error err;
  struct arena arena;
  struct oci_image image;
  const struct image_reader_job job = {.what = IMAGE_READER_DESCRIPTION,
                                       .from = IMAGE_READER_DIRECTORY,
                                       .kind = OCI_SOURCE_DIRECTORY,
                                       .name = STR("root")};
  arena_init(&arena, 0);
  if (run(&job, "root", &answer, &report, &err) < 0)
    fail_msg("%s", err.message);
  assert_int_equal(report.end, SANDBOX_END_WELL);
  assert_int_equal(image_reader_description(buf_str(&answer), &arena, &image, &err), 0);
  assert_int_equal(image.layer_count, 1);
  assert_str(image.id, "");
  for (size_t len = 0; len < answer.len; len++)
    assert_int_equal(image_reader_description(str_make(answer.data, len), &arena, &image, &err),
                     SW_EINVAL);
  arena_free(&arena);
  buf_free(&answer);
  scratch_close(&scratch);
}

static void test_errors_come_out(void **state)
{
  (void)state;
  struct scratch scratch;
  scratch_open(&scratch);
  scratch_dir("root");
  struct buf answer = {0};
  struct sandbox_report report;
  struct error err;
  struct image_reader_job job = {.what = IMAGE_READER_DESCRIPTION,
                                 .from = IMAGE_READER_DIRECTORY,
                                 .kind = OCI_SOURCE_LAYOUT,
                                 .name = STR("root")};
  assert_int_equal(run(&job, "root", &answer, &report, &err), SW_ENOENT);
  assert_int_equal(report.end, SANDBOX_END_ERROR);
  assert_true(strstr(err.message, "root") != NULL);
  job.kind = OCI_SOURCE_DIRECTORY;
  job.platform = STR("no/such/platform/at/all");
  assert_int_equal(run(&job, "root", &answer, &report, &err), SW_EINVAL);
  buf_free(&answer);
  scratch_close(&scratch);
}

static void test_a_damaged_job(void **state)
{
  (void)state;
  struct sandbox_report report;
  struct error err;
  const struct sandbox_options options = {0};
  const struct sandbox_calls calls = {.frame = NULL};
  assert_int_equal(sandbox_run(&options, &image_reader, STR("\xff\xff"), &calls, &report, &err),
                   SW_EUSAGE);
}

/* One layer as the input has it, and what is said of links. */
struct heard {
  struct memory_input input;
  struct facts_reader reader;
  struct buf told;
};

static int give(void *ctx, char *to, size_t room, size_t *ret_len, struct error *err)
{
  struct heard *h = ctx;
  return memory_read(&h->input, to, room, ret_len, err);
}

static int hear(void *ctx, struct str frame, struct error *err)
{
  struct heard *h = ctx;
  return facts_read(&h->reader, frame, err);
}

static struct image_reader_link asked;

static int hear_link(void *ctx, const struct facts_link *link, struct error *err)
{
  struct heard *h = ctx;
  (void)err;
  buf_printf(&h->told, "%.*s%s\n", STR_FMT(link->path), link->unread ? " unread" : "");
  asked =
      (struct image_reader_link){STR("x/node_modules/y/package.json"), link->target, link->before};
  return 0;
}

static int hear_link_read(void *ctx, uint32_t layer, struct str path, struct error *err)
{
  struct heard *h = ctx;
  (void)layer, (void)err;
  buf_printf(&h->told, "%.*s read\n", STR_FMT(path));
  return 0;
}

static int hear_again(void *ctx, uint32_t layer, struct error *err)
{
  struct heard *h = ctx;
  (void)layer, (void)err;
  buf_add_text(&h->told, "again\n");
  return 0;
}

static int hear_end(void *ctx, uint32_t layer, const struct facts_totals *totals, struct error *err)
{
  struct heard *h = ctx;
  (void)layer, (void)err;
  buf_printf(&h->told, "end, %d entries\n", (int)totals->entries);
  return 0;
}

static int run_input(const struct image_reader_job *job, struct str tar, struct analysis *analysis,
                     struct buf *told, struct error *err)
{
  struct buf argument = {0};
  struct sandbox_report report;
  struct heard h = {.input = {.rest = tar}};
  const struct sandbox_calls calls = {.frame = hear, .input = give, .context = &h};
  const struct facts_calls facts = {.link = hear_link,
                                    .link_read = hear_link_read,
                                    .again = hear_again,
                                    .end = hear_end,
                                    .ctx = &h};
  const struct sandbox_options options = {0};
  facts_reader_init(&h.reader, analysis, 1, &facts);
  image_reader_job_write(job, &argument);
  int rc = sandbox_run(&options, &image_reader, buf_str(&argument), &calls, &report, err);
  facts_reader_free(&h.reader);
  buf_free(&argument);
  *told = h.told;
  return rc;
}

/* A job with links reads what they lead to, and that alone. */
static void test_links_of_a_job(void **state)
{
  (void)state;
  const uint32_t layer = 0;
  struct arena arena;
  struct analysis analysis;
  struct error err;
  struct buf tar = {0}, told = {0};
  tar_file(&tar, "store/1", "{\"name\":\"y\",\"version\":\"1.0.0\"}");
  tar_file(&tar, "node_modules/z/package.json", "{\"name\":\"z\",\"version\":\"1.0.0\"}");
  tar_add(&tar, '1', "x/node_modules/y/package.json", "store/1", STR_EMPTY);
  tar_end(&tar);
  arena_init(&arena, 0);
  struct image_reader_job job = {.what = IMAGE_READER_LAYERS,
                                 .from = IMAGE_READER_INPUT,
                                 .layers = &layer,
                                 .layer_count = 1,
                                 .image_layers = 1,
                                 .packed = {.size = tar.len},
                                 .diff_id = digest_text(&arena, buf_str(&tar))};
  analysis_init(&analysis, &arena, 0);
  if (run_input(&job, buf_str(&tar), &analysis, &told, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(buf_str(&told), "x/node_modules/y/package.json unread\nagain\n");
  assert_int_equal(analysis.packages.count, 1);
  analysis_free(&analysis);
  buf_free(&told);

  job.links = &asked;
  job.link_count = 1;
  analysis_init(&analysis, &arena, 0);
  if (run_input(&job, buf_str(&tar), &analysis, &told, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(buf_str(&told), "x/node_modules/y/package.json read\nend, 3 entries\n");
  assert_int_equal(analysis.packages.count, 1);
  assert_str(analysis.packages.items[0].name, "y");
  assert_str(analysis.packages.items[0].path, "x/node_modules/y/package.json");
  analysis_free(&analysis);
  buf_free(&told);

  /* The second time as well, the bytes must be the layer's. */
  tar.data[600] ^= 1;
  analysis_init(&analysis, &arena, 0);
  assert_int_equal(run_input(&job, buf_str(&tar), &analysis, &told, &err), SW_EINVAL);
  assert_int_equal(analysis.packages.count, 0);
  analysis_free(&analysis);
  buf_free(&told);
  buf_free(&tar);
  arena_free(&arena);
}

int main(int argc, char **argv)
{
  static const struct sandbox_program *const programs[] = {&image_reader, NULL};
  int status = sandbox_main(argc, argv, programs);
  if (status >= 0)
    return status;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_description_of_a_directory),
      cmocka_unit_test(test_errors_come_out),
      cmocka_unit_test(test_a_damaged_job),
      cmocka_unit_test(test_links_of_a_job),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
