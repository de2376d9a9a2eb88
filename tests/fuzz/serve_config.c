/*
 * A configuration of the daemon. Beyond not crashing: an error has a message; what was read is written as
 * something that reads back as the same; the default settings can be set over it.
 */
#include "daemon/serve_config.h"

#include <stdlib.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void read_back(const struct serve_config *config)
{
  struct buf first = {0}, second = {0};
  struct serve_config again;
  struct error err = {0};
  serve_config_write(config, &first);
  serve_config_init(&again);
  must(serve_config_read_text(&again, buf_str(&first), &err) == 0);
  serve_config_write(&again, &second);
  must(str_eq(buf_str(&first), buf_str(&second)));
  serve_config_free(&again);
  buf_free(&first);
  buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct serve_config config;
  struct error err = {0};
  serve_config_init(&config);
  if (serve_config_read_text(&config, str_make((const char *)data, size), &err) == 0) {
    read_back(&config);
    err.message[0] = '\0';
    must(serve_config_finish(&config, &err) == 0 || err.message[0]);
  } else {
    must(err.message[0]);
  }
  struct str text = str_make((const char *)data, size), path = str_cut(text, '=', &text);
  if (text.data && serve_config_set(&config, path, text, &err) == 0)
    read_back(&config);
  must(serve_config_set(&config, STR("listen.port"), STR("1"), &err) == 0);
  must(config.listen.port == 1);
  serve_config_free(&config);
  return 0;
}
