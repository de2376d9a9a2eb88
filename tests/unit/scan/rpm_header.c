#include "../test.h"

#include "base/mem.h"
#include "rpm_make.h"
#include "scan/rpm_header.h"

static struct arena arena;
static struct package_list list;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, PACKAGE_LIST_FILES);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  package_list_free(&list);
  arena_free(&arena);
  return 0;
}

static int read_blob(const struct buf *blob, struct error *err)
{
  return rpm_header_read(STR("var/lib/rpm/Packages"), 2, buf_str(blob), &list, err);
}

static void full_package(struct make_header *h)
{
  static const uint32_t epoch[] = {7}, folders[] = {0, 0, 1, 1, 1};
  static const uint32_t modes[] = {0040755, 0100644, 0100644, 0100644, 0120777};
  static const uint32_t flags[] = {0, 1, 64, 0, 0}, states[] = {0, 0, 0, 2, 0};
  make_text(h, 1000, "bash");
  make_text(h, 1001, "5.1.8");
  make_text(h, 1002, "6.el9");
  make_numbers(h, 1003, MAKE_INT32, 1, epoch);
  make_texts(h, 1004, 1, STR("A shell\0"));
  make_text(h, 1011, "Rocky");
  make_text(h, 1014, "GPLv3+");
  make_text(h, 1015, "Me");
  make_text(h, 1022, "aarch64");
  make_text(h, 1044, "bash-src-5.1.8-6.el9.src.rpm");
  make_text(h, 5096, "m:1:2:3");
  make_texts(h, 1117, 5, STR("d\0a\0ghost\0left out\0link\0"));
  make_texts(h, 1118, 2, STR("/etc/\0/var/log/\0"));
  make_numbers(h, 1116, MAKE_INT32, 5, folders);
  make_numbers(h, 1030, MAKE_INT16, 5, modes);
  make_numbers(h, 1037, MAKE_INT32, 5, flags);
  make_numbers(h, 1029, MAKE_INT8, 5, states);
}

static void reads_a_header(void **state)
{
  (void)state;
  struct make_header h = {0};
  _cleanup_(buf_free) struct buf blob = {0};
  struct error err;
  full_package(&h);
  make_blob(&h, &blob);
  if (read_blob(&blob, &err) < 0)
    fail_msg("%s", err.message);
  const struct package *p = &list.items[0];
  assert_str(p->name, "bash");
  assert_str(p->version.text, "7:5.1.8-6.el9");
  assert_str(p->version.epoch, "7");
  assert_str(p->version.upstream, "5.1.8");
  assert_str(p->version.release, "6.el9");
  assert_str(p->architecture, "aarch64");
  assert_str(p->source, "bash-src");
  assert_str(p->source_version.text, "7:5.1.8-6.el9");
  assert_str(p->license, "GPLv3+");
  assert_str(p->vendor, "Rocky");
  assert_str(p->maintainer, "Me");
  assert_str(p->module, "m:1:2:3");
  assert_int_equal(p->layer, 2);
  assert_int_equal(p->file_count, 2);
  assert_str(p->files[0], "etc/a");
  assert_str(p->files[1], "var/log/link");
}

static void reads_the_magic_and_old_names_too(void **state)
{
  (void)state;
  struct make_header h = {0};
  _cleanup_(buf_free) struct buf blob = {0};
  buf_add(&blob, STR("\x8e\xad\xe8\x01\0\0\0\0"));
  make_text(&h, 1000, "first");
  make_text(&h, 1001, "1");
  make_text(&h, 1002, "1");
  make_texts(&h, 1027, 2, STR("/bin/sh\0/x\0"));
  make_text(&h, 1000, "second"); /* the later entry counts */
  make_blob(&h, &blob);
  assert_int_equal(read_blob(&blob, NULL), 0);
  assert_str(list.items[0].name, "second");
  assert_str(list.items[0].version.text, "1-1");
  assert_str(list.items[0].source, "second");
  assert_int_equal(list.items[0].file_count, 2);
  assert_str(list.items[0].files[0], "bin/sh");
}

static void refuses(void **state)
{
  (void)state;
  struct make_header h = {0};
  _cleanup_(buf_free) struct buf blob = {0};
  struct error err;
  assert_int_equal(read_blob(&blob, &err), SW_EINVAL);
  full_package(&h);
  make_blob(&h, &blob);
  for (size_t len = 0; len < blob.len; len++) { /* cut short anywhere */
    struct buf cut = {.data = mem_copy_text(blob.data, len), .len = len, .room = len};
    assert_int_equal(read_blob(&cut, &err), SW_EINVAL);
    buf_free(&cut);
  }
  make_at(&blob, 8 + 8, 0x7fffffff, 4, true); /* the name's offset */
  assert_int_equal(read_blob(&blob, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "tag 1000 points outside");
  make_at(&blob, 8 + 8, 0, 4, true);
  make_at(&blob, 8 + 4, MAKE_INT32, 4, true);
  assert_int_equal(read_blob(&blob, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "tag 1000 is no text");
  make_at(&blob, 0, 0xffffffff, 4, true);
  assert_int_equal(read_blob(&blob, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "do not fit");
  assert_int_equal(list.count, 0);
}

static void refuses_files_that_do_not_fit(void **state)
{
  (void)state;
  static const uint32_t outside[] = {9};
  struct make_header h = {0};
  _cleanup_(buf_free) struct buf blob = {0};
  struct error err;
  make_text(&h, 1000, "a");
  make_text(&h, 1001, "1");
  make_text(&h, 1002, "1");
  make_texts(&h, 1117, 0x7fffffff, STR("x\0"));
  make_blob(&h, &blob);
  assert_int_equal(read_blob(&blob, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "names of files do not fit");
  buf_clear(&blob);
  make_text(&h, 1000, "a");
  make_text(&h, 1001, "1");
  make_text(&h, 1002, "1");
  make_texts(&h, 1117, 1, STR("x\0"));
  make_texts(&h, 1118, 1, STR("/y/\0"));
  make_numbers(&h, 1116, MAKE_INT32, 1, outside);
  make_blob(&h, &blob);
  assert_int_equal(read_blob(&blob, &err), 0);
  assert_int_equal(list.items[0].file_count, 0);
}

static void takes_source_names_apart(void **state)
{
  (void)state;
  struct str name, version;
  assert_true(rpm_source_name(STR("a-b-1.0-2.src.rpm"), &name, &version));
  assert_str(name, "a-b");
  assert_str(version, "1.0-2");
  assert_true(rpm_source_name(STR("a-1-2.nosrc.rpm"), &name, &version));
  assert_str(name, "a");
  assert_false(rpm_source_name(STR("a-1.src.rpm"), &name, &version));
  assert_false(rpm_source_name(STR("-1-2.src.rpm"), &name, &version));
  assert_false(rpm_source_name(STR("(none)"), &name, &version));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_a_header, start, stop),
      cmocka_unit_test_setup_teardown(reads_the_magic_and_old_names_too, start, stop),
      cmocka_unit_test_setup_teardown(refuses, start, stop),
      cmocka_unit_test_setup_teardown(refuses_files_that_do_not_fit, start, stop),
      cmocka_unit_test(takes_source_names_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
