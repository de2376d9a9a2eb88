#include "crypto/pem.h"

#include "crypto/openssl_int.h"

static const struct str begins = STR_INIT("-----BEGIN ");
static const struct str ends = STR_INIT("-----END ");
static const struct str dashes = STR_INIT("-----");

/* The next line, without white space at its end; false at the end of the text. */
static bool next_line(struct pem_reader *r, struct str *ret)
{
  if (r->at >= r->text.len)
    return false;
  ptrdiff_t newline = str_find_byte(r->text, r->at, '\n');
  size_t end = newline < 0 ? r->text.len : (size_t)newline;
  struct str line = str_sub(r->text, r->at, end - r->at);
  while (line.len && strchr(" \t\r", line.data[line.len - 1]) != NULL)
    line.len--;
  r->at = newline < 0 ? end : end + 1;
  r->line++;
  *ret = line;
  return true;
}

/* The label of a line "-----BEGIN label-----" (or END). */
static bool label_of(struct str line, struct str start, struct str *ret)
{
  if (!str_starts(line, start) || !str_ends(line, dashes) || line.len < start.len + dashes.len)
    return false;
  *ret = str_sub(line, start.len, line.len - start.len - dashes.len);
  return true;
}

bool pem_is(struct str text)
{
  struct pem_reader r = pem_reader(text);
  struct str line;
  while (next_line(&r, &line))
    if (str_starts(line, begins))
      return true;
  return false;
}

void pem_block_free(struct pem_block *block)
{
  if (block->der.data)
    OPENSSL_cleanse((char *)block->der.data, block->der.len);
  mem_free((char *)block->der.data);
  *block = (struct pem_block){0};
}

/* Takes the lines of a block from behind its BEGIN up to its END; *ret_body begins at the base64. */
static int take_lines(struct pem_reader *r, struct pem_block *block, struct pem_reader *ret_body,
                      size_t *ret_end, struct error *err)
{
  struct pem_reader before = *r;
  struct str line, label;
  size_t start = r->at;
  bool in_headers = false, first = true;
  *ret_body = *r;
  while (next_line(r, &line)) {
    if (str_starts(line, ends)) {
      if (!label_of(line, ends, &label) || !str_eq(label, block->label))
        return error_set_at(
            err, SW_EINVAL, r->line, 1,
            "PEM: the block \"%.*s\" of line %u ends with another line than its own",
            STR_FMT(str_sub(block->label, 0, 64)), block->line);
      if (in_headers)
        return error_set_at(err, SW_EINVAL, r->line, 1,
                            "PEM: no empty line behind the headers of the block of line %u",
                            block->line);
      *ret_end = before.at;
      return 0;
    }
    if (str_starts(line, dashes))
      break;
    if (first && str_find_byte(line, 0, ':') >= 0)
      in_headers = true;
    first = false;
    if (in_headers && line.len == 0) {
      in_headers = false;
      block->headers = str_trim(str_sub(r->text, start, before.at - start));
      *ret_body = *r;
    }
    before = *r;
  }
  return error_set_at(err, SW_EINVAL, block->line, 1,
                      "PEM: the block \"%.*s\" has no end; \"-----END %.*s-----\" is missing",
                      STR_FMT(str_sub(block->label, 0, 64)), STR_FMT(str_sub(block->label, 0, 64)));
}

static bool is_base64(char c)
{
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

static int bad_base64(struct error *err, uint32_t line, const char *what)
{
  return error_set_at(err, SW_EINVAL, line, 1, "PEM: not base64: %s", what);
}

/* The base64 of a body without its white space, into text (of `room` bytes); padding only at the
 * end, for OpenSSL's decoder takes it anywhere. */
static int join_lines(struct pem_reader body, char *text, size_t *ret_len, size_t *ret_padding,
                      struct error *err)
{
  size_t len = 0, padding = 0;
  struct str line;
  while (next_line(&body, &line))
    for (size_t i = 0; i < line.len; i++) {
      char c = line.data[i];
      if (c == ' ' || c == '\t')
        continue;
      if (c != '=' && !is_base64(c))
        return bad_base64(err, body.line, "a character that is not of the alphabet");
      padding += c == '=';
      if (padding > 2 || (padding && c != '='))
        return bad_base64(err, body.line, "padding where it does not belong");
      text[len++] = c;
    }
  if (len % 4)
    return bad_base64(err, body.line, "it stops within a group of four characters");
  *ret_len = len;
  *ret_padding = padding;
  return 0;
}

static int decode(struct pem_reader body, size_t end, struct pem_block *block, struct error *err)
{
  body.text.len = end;
  size_t room = end - body.at;
  /* Room for line ends of usual lengths. */
  if (room / 4 * 3 > PEM_BLOCK_MAX + (PEM_BLOCK_MAX >> 4))
    return error_set_at(err, SW_ELIMIT, block->line, 1, "PEM: a block of more than %d bytes",
                        PEM_BLOCK_MAX);
  char *text = mem_zalloc(room + 1, 1);
  size_t len = 0, padding = 0;
  int rc = join_lines(body, text, &len, &padding, err);
  if (rc == 0 && len == 0)
    rc = error_set_at(err, SW_EINVAL, block->line, 1, "PEM: the block is empty");
  else if (rc == 0 && len / 4 * 3 - padding > PEM_BLOCK_MAX)
    rc = error_set_at(err, SW_ELIMIT, block->line, 1, "PEM: a block of more than %d bytes",
                      PEM_BLOCK_MAX);
  if (rc == 0) {
    unsigned char *der = mem_alloc(len / 4 * 3);
    block->der = str_make((char *)der, len / 4 * 3 - padding);
    if (EVP_DecodeBlock(der, (const unsigned char *)text, (int)len) != (int)(len / 4 * 3))
      rc = bad_base64(err, block->line, "OpenSSL does not decode it");
  }
  OPENSSL_cleanse(text, room + 1);
  mem_free(text);
  return rc;
}

int pem_next(struct pem_reader *reader, struct pem_block *block, struct error *err)
{
  pem_block_free(block);
  struct str line;
  do {
    if (!next_line(reader, &line))
      return SW_ENOTFOUND;
  } while (!str_starts(line, begins));
  struct pem_block next = {.line = reader->line};
  if (!label_of(line, begins, &next.label) || next.label.len == 0)
    return error_set_at(err, SW_EINVAL, reader->line, 1,
                        "PEM: a line begins with \"-----BEGIN \" but does not end with \"-----\"");
  struct pem_reader body;
  size_t end = 0;
  int rc = take_lines(reader, &next, &body, &end, err);
  if (rc == 0)
    rc = decode(body, end, &next, err);
  if (rc < 0) {
    pem_block_free(&next);
    return rc;
  }
  *block = next;
  return 0;
}
