#include "../test.h"

#include "scan/zip.h"
#include "zip_make.h"

struct pieces {
  struct str bytes;
  size_t at, piece;
};

static int read_pieces(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct pieces *p = ctx;
  (void)err;
  struct str piece = str_sub(p->bytes, p->at, p->piece < room ? p->piece : room);
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  p->at += piece.len;
  *ret_got = piece.len;
  return 0;
}

/* "name=content;" of each file, or what went wrong. only: the one that is read, NULL: all. */
static struct buf list(struct zip *zip, const char *only)
{
  struct buf out = {0};
  struct zip_entry entry;
  struct error err;
  int rc;
  while ((rc = zip_next(zip, &entry, &err)) > 0) {
    char room[5];
    size_t got = 0;
    buf_add(&out, entry.name);
    if (!only || str_eq(entry.name, str_from(only))) {
      buf_add_byte(&out, '=');
      while ((rc = zip_read(zip, room, sizeof room, &got, &err)) == 0 && got)
        buf_add(&out, str_make(room, got));
      if (rc < 0)
        buf_printf(&out, "[%s]", err.message);
    }
    buf_add_byte(&out, ';');
  }
  if (rc < 0)
    buf_printf(&out, "[%s]", err.message);
  return out;
}

static struct zip_meter plenty(void)
{
  return (struct zip_meter){.bytes = 1 << 30, .entries = 1000};
}

static void assert_held(struct str bytes, const char *only, const char *expected)
{
  struct zip_meter meter = plenty();
  struct zip *zip = NULL;
  struct error err;
  struct buf out = {0};
  if (zip_open_bytes(bytes, &meter, &zip, &err) < 0)
    buf_add_text(&out, err.message);
  else
    out = list(zip, only);
  assert_str(buf_str(&out), expected);
  buf_free(&out);
  zip_free(zip);
}

static void assert_flowing(struct str bytes, size_t piece, const char *only, const char *expected)
{
  struct pieces pieces = {.bytes = bytes, .piece = piece};
  struct zip_meter meter = plenty();
  struct zip *zip = NULL;
  struct error err;
  assert_int_equal(zip_open_stream((struct oci_input){read_pieces, &pieces}, &meter, &zip, &err),
                   0);
  struct buf out = list(zip, only);
  assert_str(buf_str(&out), expected);
  buf_free(&out);
  zip_free(zip);
}

static void assert_both(struct str bytes, const char *only, const char *expected)
{
  assert_held(bytes, only, expected);
  assert_flowing(bytes, 1 << 20, only, expected);
  assert_flowing(bytes, 3, only, expected);
}

static const unsigned ways[] = {
    ZIP_STORED,
    ZIP_DEFLATED,
    ZIP_DEFLATED | ZIP_DESCRIBED,
    ZIP_DEFLATED | ZIP_DESCRIBED | ZIP_UNMARKED,
    ZIP_STORED | ZIP_64,
    ZIP_DEFLATED | ZIP_64,
    ZIP_DEFLATED | ZIP_DESCRIBED | ZIP_64,
    ZIP_DEFLATED | ZIP_DESCRIBED | ZIP_64 | ZIP_UNMARKED,
};

static void reads_every_form(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
    for (int large = 0; large < 2; large++) {
      struct zip_made made = {0};
      zip_add(&made, "a", STR("first content"), ways[i]);
      zip_add(&made, "dir/", STR(""), ZIP_STORED);
      zip_add(&made, "dir/b", STR("second, and longer, content"), ways[i]);
      zip_add(&made, "empty", STR(""), ways[i]);
      zip_end_as(&made, large);
      struct str bytes = buf_str(&made.bytes);
      assert_both(bytes, NULL, "a=first content;dir/=;dir/b=second, and longer, content;empty=;");
      assert_both(bytes, "dir/b", "a;dir/;dir/b=second, and longer, content;empty;");
      assert_both(bytes, "none", "a;dir/;dir/b;empty;");
      zip_made_free(&made);
    }
}

static void passes_over_what_stands_before(void **state)
{
  (void)state;
  struct zip_made made = {0};
  struct buf whole = {0};
  zip_add(&made, "a", STR("content"), ZIP_DEFLATED | ZIP_DESCRIBED);
  zip_end(&made);
  buf_add_text(&whole, "#!/bin/sh\nexec java -jar \"$0\"\nP PK");
  buf_add_repeat(&whole, '#', 100000);
  buf_add(&whole, buf_str(&made.bytes));
  assert_both(buf_str(&whole), NULL, "a=content;");
  buf_clear(&whole);
  buf_add_repeat(&whole, '#', ZIP_PREFIX_MAX + 70000);
  buf_add(&whole, buf_str(&made.bytes));
  assert_held(buf_str(&whole), NULL, "a=content;");
  assert_flowing(buf_str(&whole), 1 << 20, NULL, "[it is no zip archive]");
  buf_free(&whole);
  zip_made_free(&made);
}

static void reads_an_empty_archive(void **state)
{
  (void)state;
  struct zip_made made = {0};
  zip_end(&made);
  assert_both(buf_str(&made.bytes), NULL, "");
  zip_made_free(&made);
}

static void tells_what_is_wrong_with_one_file(void **state)
{
  (void)state;
  struct zip_made made = {0};
  zip_add(&made, "sum", STR("content"), ZIP_DEFLATED | ZIP_WRONG_SUM);
  zip_add(&made, "secret", STR("content"), ZIP_ENCRYPTED);
  zip_add(&made, "good", STR("content"), ZIP_STORED);
  zip_end(&made);
  assert_both(buf_str(&made.bytes), NULL,
              "sum=conte[its content does not have the size and checksum it should];"
              "secret=[it is encrypted];good=content;");
  made.bytes.data[8] = 12; /* bzip2, in the header before the file and in the directory */
  made.bytes.data[made.bytes.len - 22 - made.directory.len + 10] = 12;
  assert_both(buf_str(&made.bytes), "sum",
              "sum=[it is packed by method 12 of zip, only deflate is read];secret;good;");
  zip_made_free(&made);
}

static void tells_of_damage(void **state)
{
  (void)state;
  struct zip_made made = {0};
  zip_add(&made, "a", STR("first content"), ZIP_DEFLATED);
  zip_add(&made, "b", STR("second content"), ZIP_STORED | ZIP_DESCRIBED);
  zip_end(&made);
  struct str bytes = buf_str(&made.bytes);
  assert_held(str_sub(bytes, 0, bytes.len - 1), NULL, "it is no zip archive, or cut off");
  assert_held(STR("PK"), NULL, "it is no zip archive, or cut off");
  assert_held(STR(""), NULL, "it is no zip archive, or cut off");
  assert_flowing(STR("no zip"), 100, NULL, "[it is no zip archive]");
  assert_flowing(STR(""), 100, NULL, "[it is no zip archive]");
  assert_flowing(str_sub(bytes, 0, 40), 100, NULL,
                 "a=first co[the zip archive is cut off at byte 40];"
                 "[the zip archive is cut off at byte 40]");
  /* Where a stored file ends, only the directory says. */
  assert_held(bytes, NULL, "a=first content;b=second content;");
  assert_flowing(bytes, 100, NULL,
                 "a=first content;b=[it does not say where it ends];[a file in the zip archive "
                 "before byte 77 does not say where it ends]");
  /* The directory leads to another place, or out of the archive. */
  size_t end = bytes.len - 22, directory = end - made.directory.len;
  made.bytes.data[directory + 42] = 7;
  assert_held(bytes, "a", "a=[the directory of the zip archive leads nowhere];b;");
  made.bytes.data[directory + 42] = 0;
  made.bytes.data[directory] = 'x';
  assert_held(bytes, NULL, "[the directory of the zip archive is damaged at its byte 0]");
  made.bytes.data[end + 15] = 1;
  assert_held(bytes, NULL, "the directory of the zip archive does not lie inside it");
  zip_made_free(&made);
}

static void stops_at_limits(void **state)
{
  (void)state;
  struct zip_made made = {0};
  struct buf zeros = {0};
  struct zip_entry entry;
  struct error err;
  struct zip *zip;
  char room[4096];
  size_t got;
  int rc;
  buf_add_repeat(&zeros, 0, 1 << 20);
  zip_add(&made, "bomb", buf_str(&zeros), ZIP_DEFLATED | ZIP_DESCRIBED);
  zip_add(&made, "b", STR("x"), ZIP_STORED);
  zip_end(&made);
  struct zip_meter meter = {.bytes = 100000, .entries = 10};
  assert_int_equal(zip_open_bytes(buf_str(&made.bytes), &meter, &zip, &err), 0);
  assert_int_equal(zip_next(zip, &entry, &err), 1);
  while ((rc = zip_read(zip, room, sizeof room, &got, &err)) == 0 && got)
    continue;
  assert_error(err, SW_ELIMIT, "what is packed in archives is too much");
  assert_true(meter.bytes < 4096);
  zip_free(zip);
  /* In a stream, what nobody wants has to be unpacked, too. */
  struct pieces pieces = {.bytes = buf_str(&made.bytes), .piece = 1000};
  meter = (struct zip_meter){.bytes = 100000, .entries = 10};
  assert_int_equal(zip_open_stream((struct oci_input){read_pieces, &pieces}, &meter, &zip, &err),
                   0);
  assert_int_equal(zip_next(zip, &entry, &err), 1);
  assert_false(entry.size_known);
  assert_int_equal(zip_next(zip, &entry, &err), SW_ELIMIT);
  zip_free(zip);
  meter = (struct zip_meter){.bytes = 100000, .entries = 1};
  assert_int_equal(zip_open_bytes(buf_str(&made.bytes), &meter, &zip, &err), 0);
  assert_int_equal(zip_next(zip, &entry, &err), 1);
  assert_true(entry.size_known);
  assert_int_equal(entry.size, 1 << 20);
  assert_int_equal(zip_next(zip, &entry, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "there are too many files in archives");
  zip_free(zip);
  buf_free(&zeros);
  zip_made_free(&made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_every_form),       cmocka_unit_test(passes_over_what_stands_before),
      cmocka_unit_test(reads_an_empty_archive), cmocka_unit_test(tells_what_is_wrong_with_one_file),
      cmocka_unit_test(tells_of_damage),        cmocka_unit_test(stops_at_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
