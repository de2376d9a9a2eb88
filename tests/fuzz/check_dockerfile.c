/*
 * A Dockerfile of anybody's: read, and judged.
 *
 * Beyond not crashing: instructions lie in stages that are there, places lie in the file, findings have a line, a rule and
 * one line of message, and memory is bounded by the text.
 */
#include "scan/check/dockerfile.h"

#include <stdlib.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void check_words(const struct dockerfile_instruction *i)
{
  must(i->word_count <= DOCKERFILE_WORDS_MAX && i->heredoc_count <= DOCKERFILE_HEREDOCS_MAX);
  for (size_t w = 0; w < i->word_count; w++)
    must(i->words[w].written.len <= DOCKERFILE_SIZE_MAX);
  for (size_t f = 0; f < i->flag_count; f++)
    must(dockerfile_flag_of(i, "no such flag") == NULL);
}

static void check_file(const struct dockerfile *file, uint32_t lines)
{
  must(file->count <= DOCKERFILE_INSTRUCTIONS_MAX);
  uint32_t line, column, last = 0;
  for (size_t k = 0; k < file->count; k++) {
    const struct dockerfile_instruction *i = &file->items[k];
    must(dockerfile_kind_name(i->kind).len > 0);
    must(i->line > last && i->line <= lines);
    must(i->stage == UINT32_MAX || i->stage < file->stage_count);
    last = i->line;
    dockerfile_place(i, i->script.len, &line, &column);
    must(line >= i->line && line <= lines + 1 && column >= 1);
    check_words(i);
  }
  for (size_t s = 0; s < file->stage_count; s++) {
    const struct dockerfile_stage *stage = &file->stages[s];
    must(stage->first <= stage->last && stage->last < file->count);
    must(stage->base_stage < (int)s);
  }
}

static void check_findings(const struct finding_list *findings, uint32_t lines)
{
  uint32_t last = 0;
  for (size_t i = 0; i < findings->count; i++) {
    const struct finding *f = &findings->items[i];
    must(f->rule && f->message.len && f->location.line >= last && f->location.line <= lines + 1);
    must(str_find_byte(f->message, 0, '\n') < 0);
    last = f->location.line;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size > 1 << 16)
    return 0;
  struct str text = str_make((const char *)data, size);
  struct arena arena;
  struct dockerfile file;
  struct finding_list findings;
  struct error err;
  uint32_t lines = 1;
  for (size_t i = 0; i < size; i++)
    lines += data[i] == '\n';
  arena_init(&arena, 0);
  finding_list_init(&findings, &arena);
  dockerfile_read(text, &arena, &file, &err);
  check_file(&file, lines);
  const struct dockerfile_options options = {.file = STR("Dockerfile"), .now = 1795219200};
  if (dockerfile_scan(text, &options, &arena, &findings, &err) < 0)
    must(err.code == SW_EINVAL || err.code == SW_ELIMIT);
  check_findings(&findings, lines);
  dockerfile_wants(text);
  arena_free(&arena);
  return 0;
}
