/* Facts of layers, written and read: the same again, in pieces, and nothing that is damaged is taken. */
#include "../test.h"

#include "base/mem.h"
#include "scan/image/facts.h"

struct both {
  struct arena arena;
  struct analysis analysis;
  struct facts_reader reader;
  struct facts_writer writer;
  struct buf told;
  size_t pieces, largest;
};

static int send_on(void *ctx, struct str piece, struct error *err)
{
  struct both *b = ctx;
  b->pieces++;
  if (piece.len > b->largest)
    b->largest = piece.len;
  return facts_read(&b->reader, piece, err);
}

static int tell_entry(void *ctx, uint32_t layer, const struct oci_entry *e, bool keep,
                      struct error *err)
{
  struct both *b = ctx;
  (void)err;
  buf_printf(&b->told, "entry %u %d %.*s %.*s %llu%s\n", layer, (int)e->type, STR_FMT(e->path),
             STR_FMT(e->link), (unsigned long long)e->number, keep ? " kept" : "");
  return 0;
}

static int tell_secret(void *ctx, const struct facts_secret *s, struct error *err)
{
  struct both *b = ctx;
  (void)err;
  buf_printf(&b->told, "secret %u %.*s %.*s:%u:%u %.*s %.*s\n", s->layer, STR_FMT(s->rule),
             STR_FMT(s->path), s->line, s->column, STR_FMT(s->excerpt), STR_FMT(s->fingerprint));
  return 0;
}

static int tell_file(void *ctx, const struct file_fact *f, struct error *err)
{
  struct both *b = ctx;
  (void)err;
  buf_printf(&b->told, "file %u %x %o %llu %.*s\n", f->layer, f->kinds, f->mode,
             (unsigned long long)f->size, STR_FMT(f->path));
  return 0;
}

static int tell_counts(void *ctx, uint32_t layer, const struct file_facts *counts,
                       struct error *err)
{
  struct both *b = ctx;
  (void)err;
  buf_printf(&b->told, "counts %u %llu %llu\n", layer,
             (unsigned long long)counts->found[FILE_FACT_SETUID],
             (unsigned long long)counts->bytes[FILE_FACT_SETUID]);
  return 0;
}

static int tell_text(void *ctx, const struct facts_text *t, struct error *err)
{
  struct both *b = ctx;
  (void)err;
  buf_printf(&b->told, "text %u %.*s %.*s\n", t->layer, STR_FMT(t->path), STR_FMT(t->text));
  return 0;
}

static int tell_fault(void *ctx, const struct facts_fault *f, struct error *err)
{
  struct both *b = ctx;
  (void)err;
  buf_printf(&b->told, "fault %u %.*s\n", f->layer, STR_FMT(f->message));
  return 0;
}

static int tell_link(void *ctx, const struct facts_link *l, struct error *err)
{
  struct both *b = ctx;
  (void)err;
  buf_printf(&b->told, "link %u %.*s", l->layer, STR_FMT(l->path));
  if (l->unread)
    buf_printf(&b->told, " unread %llx %llx %llu", (unsigned long long)l->target.low,
               (unsigned long long)l->target.high, (unsigned long long)l->before);
  buf_add_byte(&b->told, '\n');
  return 0;
}

static int tell_link_read(void *ctx, uint32_t layer, struct str path, struct error *err)
{
  struct both *b = ctx;
  (void)err;
  buf_printf(&b->told, "read %u %.*s\n", layer, STR_FMT(path));
  return 0;
}

static int tell_again(void *ctx, uint32_t layer, struct error *err)
{
  struct both *b = ctx;
  (void)err;
  buf_printf(&b->told, "again %u\n", layer);
  return 0;
}

static int tell_end(void *ctx, uint32_t layer, const struct facts_totals *t, struct error *err)
{
  struct both *b = ctx;
  (void)err;
  buf_printf(&b->told, "end %u %llu %llu %llu %llu %llu\n", layer, (unsigned long long)t->entries,
             (unsigned long long)t->files, (unsigned long long)t->content_bytes,
             (unsigned long long)t->packed_bytes, (unsigned long long)t->tar_bytes);
  return 0;
}

static int begin(void **state)
{
  struct both *b = mem_zalloc(1, sizeof *b);
  const struct facts_calls calls = {.entry = tell_entry,
                                    .secret = tell_secret,
                                    .file = tell_file,
                                    .file_counts = tell_counts,
                                    .text = tell_text,
                                    .fault = tell_fault,
                                    .link = tell_link,
                                    .link_read = tell_link_read,
                                    .again = tell_again,
                                    .end = tell_end,
                                    .ctx = b};
  arena_init(&b->arena, 0);
  analysis_init(&b->analysis, &b->arena, PACKAGE_LIST_FILES);
  facts_reader_init(&b->reader, &b->analysis, 3, &calls);
  facts_writer_init(&b->writer, send_on, b);
  *state = b;
  return 0;
}

static int end(void **state)
{
  struct both *b = *state;
  facts_writer_free(&b->writer);
  facts_reader_free(&b->reader);
  analysis_free(&b->analysis);
  arena_free(&b->arena);
  buf_free(&b->told);
  mem_free(b);
  return 0;
}

static void finish(struct both *b)
{
  struct error err;
  assert_int_equal(facts_put_end(&b->writer, &(struct facts_totals){1, 2, 3, 4, UINT64_MAX}, &err),
                   0);
  assert_int_equal(facts_flush(&b->writer, &err), 0);
  assert_int_equal(facts_read_end(&b->reader, &err), 0);
}

static void test_everything_comes_back(void **state)
{
  struct both *b = *state;
  struct error err;
  const struct oci_entry file = {.path = STR("etc/os-release"), .type = OCI_FILE, .number = 7};
  const struct oci_entry link = {
      .path = STR("etc/os"), .type = OCI_SYMLINK, .link = STR("os-release"), .number = 300};
  const struct facts_secret secret = {.rule = STR("aws-key"),
                                      .path = STR("app/.env"),
                                      .excerpt = STR("AKIA… (20 characters)"),
                                      .fingerprint = STR("0123"),
                                      .line = 3,
                                      .column = 70000};
  const struct file_fact fact = {
      .kinds = 1 << FILE_FACT_SETUID, .mode = 04755, .size = 1u << 31, .path = STR("bin/su")};
  struct file_facts counts = {.arena = NULL};
  counts.found[FILE_FACT_SETUID] = 12;
  counts.bytes[FILE_FACT_SETUID] = 345678901234;
  assert_int_equal(facts_put_layer(&b->writer, 2, &err), 0);
  assert_int_equal(facts_put_entry(&b->writer, &file, true, &err), 0);
  assert_int_equal(facts_put_entry(&b->writer, &link, false, &err), 0);
  assert_int_equal(facts_put_secret(&b->writer, &secret, &err), 0);
  assert_int_equal(facts_put_file(&b->writer, &fact, &err), 0);
  assert_int_equal(facts_put_file_counts(&b->writer, &counts, &err), 0);
  assert_int_equal(facts_put_text(&b->writer, STR("etc/passwd"), STR("same-uid 1 a b"), &err), 0);
  assert_int_equal(facts_put_fault(&b->writer, STR("x: broken"), &err), 0);
  finish(b);
  assert_str(buf_str(&b->told), "entry 2 0 etc/os-release  7 kept\n"
                                "entry 2 2 etc/os os-release 300\n"
                                "secret 2 aws-key app/.env:3:70000 AKIA… (20 characters) 0123\n"
                                "file 2 1 4755 2147483648 bin/su\n"
                                "counts 2 12 345678901234\n"
                                "text 2 etc/passwd same-uid 1 a b\n"
                                "fault 2 x: broken\n"
                                "end 2 1 2 3 4 18446744073709551615\n");
}

/* A layer that is read again comes in two parts, and ends with the second. */
static void test_layers_come_in_two_parts(void **state)
{
  struct both *b = *state;
  struct error err;
  const struct facts_link links[] = {
      {.path = STR("a/x"), .before = 7},
      {.path = STR("a/y"), .unread = true, .target = {1, UINT64_MAX}, .before = 300}};
  assert_int_equal(facts_put_layer(&b->writer, 1, &err), 0);
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(facts_put_link(&b->writer, &links[i], &err), 0);
  assert_int_equal(facts_put_again(&b->writer, &err), 0);
  assert_int_equal(facts_flush(&b->writer, &err), 0);
  assert_int_equal(facts_read_end(&b->reader, &err), 0);
  /* Between its parts it is in none. */
  assert_int_equal(facts_put_fault(&b->writer, STR("x"), &err), 0);
  assert_int_equal(facts_flush(&b->writer, &err), SW_EINVAL);
  assert_int_equal(facts_put_layer(&b->writer, 1, &err), 0);
  assert_int_equal(facts_put_link_read(&b->writer, STR("a/y"), &err), 0);
  finish(b);
  assert_str(buf_str(&b->told), "link 1 a/x\n"
                                "link 1 a/y unread 1 ffffffffffffffff 300\n"
                                "again 1\n"
                                "read 1 a/y\n"
                                "end 1 1 2 3 4 18446744073709551615\n");
}

static void add_package(struct analysis *a, const char *name, uint32_t files)
{
  struct error err;
  struct package p = {.type = PACKAGE_DEB,
                      .name = str_from(name),
                      .architecture = STR("amd64"),
                      .source = STR("src"),
                      .license = STR("MIT"),
                      .maintainer = STR("Somebody"),
                      .vendor = STR("Vendor"),
                      .module = STR("m:1"),
                      .purl = STR("pkg:deb/debian/x@1"),
                      .digest = STR("sha1:00"),
                      .indirect = true,
                      .path = STR("var/lib/dpkg/status")};
  p.version = package_version_split(PACKAGE_DEB, STR("1:2.0-3"));
  p.source_version = package_version_split(PACKAGE_DEB, STR("2.0-3"));
  char *text;
  size_t bytes = (size_t)files * 16;
  struct str *list = package_list_room_for_files(&a->packages, files, bytes, &text, &err);
  assert_non_null(list);
  for (uint32_t i = 0; i < files; i++) {
    char path[32];
    snprintf(path, sizeof path, "usr/share/%06u", i);
    memcpy(text + 16 * (size_t)i, path, 16);
    list[i] = str_make(text + 16 * (size_t)i, 16);
  }
  p.files = list;
  p.file_count = files;
  assert_int_equal(package_list_add(&a->packages, &p, &err), 0);
}

static void test_packages_come_back(void **state)
{
  struct both *b = *state;
  enum { FILES = 40000 };
  struct error err;
  struct analysis from;
  analysis_init(&from, &b->arena, PACKAGE_LIST_FILES);
  add_package(&from, "alpha", FILES);
  add_package(&from, "beta", 1);
  struct str owned[] = {STR("a/b"), STR("a/c")};
  const struct package_note notes[] = {{.kind = PACKAGE_NOTE_FILES,
                                        .type = PACKAGE_DEB,
                                        .name = STR("alpha"),
                                        .files = owned,
                                        .file_count = 2,
                                        .path = STR("info/alpha.list")},
                                       {.kind = PACKAGE_NOTE_LICENSE,
                                        .type = PACKAGE_DEB,
                                        .name = STR("beta"),
                                        .architecture = STR("arm64"),
                                        .license = STR("GPL-2.0-only"),
                                        .path = STR("doc/beta")}};
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(package_list_note(&from.packages, &notes[i], &err), 0);
  const struct os_release os = {.family = os_family_find(STR("debian")),
                                .id = STR("debian"),
                                .version = STR("12.1"),
                                .release = STR("12"),
                                .codename = STR("bookworm"),
                                .pretty = STR("Debian"),
                                .path = STR("etc/os-release")};
  analysis_add_os(&from, &os, 0);
  assert_int_equal(facts_put_layer(&b->writer, 1, &err), 0);
  assert_int_equal(facts_put_analysis(&b->writer, &from, &err), 0);
  finish(b);
  assert_true(b->pieces > 2);
  assert_true(b->largest <= FACTS_PIECE_MAX);

  const struct package *p = &b->analysis.packages.items[0];
  assert_int_equal(b->analysis.packages.count, 2);
  assert_str(p->name, "alpha");
  assert_str(p->version.text, "1:2.0-3");
  assert_str(p->version.epoch, "1");
  assert_str(p->source_version.upstream, "2.0");
  assert_str(p->architecture, "amd64");
  assert_str(p->source, "src");
  assert_str(p->license, "MIT");
  assert_str(p->maintainer, "Somebody");
  assert_str(p->vendor, "Vendor");
  assert_str(p->module, "m:1");
  assert_str(p->purl, "pkg:deb/debian/x@1");
  assert_str(p->digest, "sha1:00");
  assert_str(p->path, "var/lib/dpkg/status");
  assert_true(p->indirect && !p->development);
  assert_int_equal(p->layer, 1);
  assert_int_equal(p->file_count, FILES);
  assert_str(p->files[0], "usr/share/000000");
  assert_str(p->files[FILES - 1], "usr/share/039999");
  const struct package_note *n = b->analysis.packages.notes.items;
  assert_int_equal(b->analysis.packages.notes.count, 2);
  assert_str(n[0].files[1], "a/c");
  assert_str(n[1].license, "GPL-2.0-only");
  assert_str(n[1].architecture, "arm64");
  assert_int_equal(b->analysis.seen.count, 1);
  assert_ptr_equal(b->analysis.seen.items[0].os.family, os.family);
  assert_str(b->analysis.seen.items[0].os.codename, "bookworm");
  assert_int_equal(b->analysis.seen.items[0].layer, 1);
  analysis_free(&from);
}

/* Wherever in a piece a package, a note and their files begin, they come back. */
static void test_files_begin_anywhere_in_a_piece(void **state)
{
  struct both *b = *state;
  enum { PIECE = 56 << 10, ROUND = 400, FILES = 3 };
  static char padding[PIECE];
  struct error err;
  struct analysis from;
  struct str owned[] = {STR("a/b"), STR("a/c")};
  const struct package_note note = {.kind = PACKAGE_NOTE_FILES,
                                    .type = PACKAGE_DEB,
                                    .name = STR("alpha"),
                                    .files = owned,
                                    .file_count = 2,
                                    .path = STR("info/alpha.list")};
  memset(padding, 'x', sizeof padding);
  analysis_init(&from, &b->arena, PACKAGE_LIST_FILES);
  add_package(&from, "alpha", FILES);
  assert_int_equal(package_list_note(&from.packages, &note, &err), 0);
  for (size_t pad = PIECE - ROUND; pad < PIECE; pad++) {
    assert_int_equal(facts_put_layer(&b->writer, 1, &err), 0);
    assert_int_equal(facts_put_fault(&b->writer, str_make(padding, pad), &err), 0);
    if (facts_put_analysis(&b->writer, &from, &err) < 0 || facts_flush(&b->writer, &err) < 0)
      fail_msg("after %zu bytes: %s", pad, err.message);
    const struct package_list *list = &b->analysis.packages;
    const struct package *p = &list->items[list->count - 1];
    assert_int_equal(list->count, pad - (PIECE - ROUND) + 1);
    assert_int_equal(p->file_count, FILES);
    assert_str(p->files[FILES - 1], "usr/share/000002");
    assert_str(list->notes.items[list->count - 1].files[1], "a/c");
  }
  assert_true(b->pieces > ROUND);
  assert_true(b->largest <= FACTS_PIECE_MAX);
  finish(b);
  analysis_free(&from);
}

static void assert_refused(struct both *b, struct str piece)
{
  struct error err;
  assert_int_equal(facts_read(&b->reader, piece, &err), SW_EINVAL);
}

static int keep_piece(void *ctx, struct str piece, struct error *err)
{
  (void)err;
  buf_add(ctx, piece);
  return 0;
}

/* Whatever part of the records comes, it is taken, refused or found to be missing something. */
static void test_damage_is_refused(void **state)
{
  struct both *b = *state;
  struct error err;
  struct buf whole = {0};
  struct facts_writer w;
  struct analysis from;
  analysis_init(&from, &b->arena, PACKAGE_LIST_FILES);
  add_package(&from, "alpha", 3);
  facts_writer_init(&w, keep_piece, &whole);
  assert_int_equal(facts_put_layer(&w, 0, &err), 0);
  assert_int_equal(facts_put_analysis(&w, &from, &err), 0);
  const struct facts_link link = {.path = STR("a"), .unread = true, .target = {1, 2}, .before = 3};
  assert_int_equal(facts_put_link(&w, &link, &err), 0);
  assert_int_equal(facts_put_link_read(&w, STR("a"), &err), 0);
  assert_int_equal(facts_put_end(&w, &(struct facts_totals){0}, &err), 0);
  assert_int_equal(facts_flush(&w, &err), 0);
  const struct facts_calls none = {.entry = NULL};
  for (size_t len = 1; len <= whole.len; len++) {
    struct facts_reader reader;
    facts_reader_init(&reader, &b->analysis, 1, &none);
    int rc = facts_read(&reader, str_make(whole.data, len), &err);
    rc = rc < 0 ? rc : facts_read_end(&reader, &err);
    assert_int_equal(rc, len == whole.len ? 0 : SW_EINVAL);
    facts_reader_free(&reader);
  }
  facts_writer_free(&w);
  analysis_free(&from);
  buf_free(&whole);
  assert_refused(b, STR("\x0b\x01x"));    /* a fault of no layer */
  assert_refused(b, STR("\x01\x03"));     /* a layer that is not there */
  assert_refused(b, STR("\x01\x01\x63")); /* a record of no kind */
  assert_refused(b,
                 STR("\x01\x01\x02\x00\x05\x01x\x00")); /* a path that shares what was not there */
}

static void test_layers_are_renumbered(void **state)
{
  struct both *b = *state;
  struct error err;
  b->reader.renumber = true;
  b->reader.as_layer = 1;
  assert_int_equal(facts_put_layer(&b->writer, 77, &err), 0);
  assert_int_equal(facts_put_fault(&b->writer, STR("x"), &err), 0);
  finish(b);
  assert_str(buf_str(&b->told), "fault 1 x\nend 1 1 2 3 4 18446744073709551615\n");
}

static int refuse(void *ctx, struct str piece, struct error *err)
{
  (void)ctx, (void)piece;
  return error_set(err, SW_EIO, "the other side is gone");
}

static void test_errors_of_sending(void **state)
{
  (void)state;
  struct facts_writer w;
  struct error err;
  facts_writer_init(&w, refuse, NULL);
  assert_int_equal(facts_put_layer(&w, 0, &err), 0);
  assert_int_equal(facts_flush(&w, &err), SW_EIO);
  facts_writer_free(&w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_everything_comes_back, begin, end),
      cmocka_unit_test_setup_teardown(test_layers_come_in_two_parts, begin, end),
      cmocka_unit_test_setup_teardown(test_packages_come_back, begin, end),
      cmocka_unit_test_setup_teardown(test_files_begin_anywhere_in_a_piece, begin, end),
      cmocka_unit_test_setup_teardown(test_damage_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(test_layers_are_renumbered, begin, end),
      cmocka_unit_test(test_errors_of_sending),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
