/*
 * Blocks lie one behind the other in the text, hold something, and there are as many as BEGIN lines
 * before the first broken one.
 */
#include "crypto/pem.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text = {(const char *)data, size};
  struct pem_reader reader = pem_reader(text);
  struct pem_block block = {0};
  struct error err = {0};
  uint32_t line = 0;
  size_t at = 0;
  int rc;
  while ((rc = pem_next(&reader, &block, &err)) == 0) {
    assert(block.label.len && block.der.len && block.der.len <= PEM_BLOCK_MAX);
    assert(block.label.data > text.data && block.line > line && reader.at > at);
    assert(pem_is(text) && err.code == 0);
    line = block.line;
    at = reader.at;
  }
  assert(block.der.data == NULL);
  if (rc == SW_ENOTFOUND)
    assert(reader.at == size && err.code == 0 && pem_is(text) == (line > 0));
  else
    assert(err.code == rc && err.line > line);
  return 0;
}
