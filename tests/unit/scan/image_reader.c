/* The reader of images, as the sandbox runs it. */
#include "../test.h"

#include "../base/scratch.h"

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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
