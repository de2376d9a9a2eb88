/*
 * passwd, group and shadow of an image.
 *
 * Beyond not crashing: facts are few, have names that can be stored and told, and come back from their texts the same.
 */
#include "scan/check/account_file.h"

#include <stdlib.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void check_fact(const struct account_fact *fact, struct account_facts *back)
{
  struct buf text = {0};
  struct error err;
  account_fact_write(fact, &text);
  must(str_find_byte(buf_str(&text), 0, '\n') < 0);
  must(account_fact_read(back, fact->path, fact->layer, buf_str(&text), &err) == 0);
  const struct account_fact *same = &back->items[back->count - 1];
  must(same->kind == fact->kind && same->line == fact->line && str_eq(same->name, fact->name) &&
       str_eq(same->other, fact->other));
  buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const struct str paths[] = {STR_INIT("etc/passwd"), STR_INIT("etc/shadow"),
                                     STR_INIT("etc/group"), STR_INIT("etc/master.passwd")};
  if (!size || size > 1 << 16)
    return 0;
  struct str text = str_make((const char *)data + 1, size - 1);
  struct arena arena;
  struct account_facts facts, back;
  struct finding_list findings;
  struct error err;
  arena_init(&arena, 0);
  account_facts_init(&facts, &arena);
  account_facts_init(&back, &arena);
  finding_list_init(&findings, &arena);
  account_file_read(&facts, paths[data[0] % 4], 0, text, &err);
  must(facts.count <= ACCOUNT_FACTS_MAX);
  for (size_t i = 0; i < facts.count; i++)
    check_fact(&facts.items[i], &back);
  account_facts_judge(&facts, &(struct check_target){.image = STR("x")}, &findings);
  must(findings.count == facts.count);
  account_fact_read(&back, STR("etc/passwd"), 0, text, &err);
  arena_free(&arena);
  return 0;
}
