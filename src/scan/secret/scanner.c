#include "scan/secret/scanner_int.h"

/* For reports that may be compared across machines; scanner.h says what that means. */
static const char public_key[] = "seawall secret fingerprint 1";

void secret_list_init(struct secret_list *list, struct arena *arena)
{
  *list = (struct secret_list){.arena = arena};
}

static struct secret_match *add_match(struct secret_list *list)
{
  if (list->count == list->room) {
    size_t room = list->room ? list->room * 2 : 16;
    struct secret_match *items = arena_array(list->arena, struct secret_match, room);
    if (list->count)
      memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
    list->room = room;
  }
  return &list->items[list->count++];
}

/* ---- scanner */

int secret_scanner_new(const struct secret_rules *rules, const struct secret_scan_options *options,
                       struct secret_scanner **ret, struct error *err)
{
  const struct hs_database *db = secret_database_hs(rules->database);
  struct hs_scratch *scratch = NULL;
  struct digest warm;
  struct str key = options && options->key.len ? options->key : str_from(public_key);
  if (db && hs_alloc_scratch(db, &scratch) != HS_SUCCESS)
    return error_set(err, SW_EUNSUPPORTED, "Vectorscan does not run on this processor");
  /* OpenSSL reads its configuration when it is first used, which a locked-up process could not. */
  if (digest_hmac(DIGEST_SHA256, key, STR_EMPTY, &warm, err) < 0) {
    if (scratch)
      hs_free_scratch(scratch);
    return err ? err->code : SW_EUNSUPPORTED;
  }
  struct secret_scanner *s = mem_zalloc(1, sizeof *s);
  s->rules = rules;
  s->scratch = scratch;
  s->key = mem_copy_text(key.data, key.len);
  s->key_len = key.len;
  s->no_allow_comments = options && options->no_allow_comments;
  s->no_binaries = options && options->no_binaries;
  s->window = mem_alloc(SECRET_WINDOW);
  s->states = mem_zalloc(rules->count + 1, sizeof *s->states);
  arena_init(&s->arena, 0);
  *ret = s;
  return 0;
}

void secret_scanner_free(struct secret_scanner *s)
{
  if (!s)
    return;
  if (s->scratch)
    hs_free_scratch(s->scratch);
  explicit_bzero(s->window, SECRET_WINDOW);
  explicit_bzero(s->key, s->key_len);
  mem_free(s->key);
  mem_free(s->window);
  mem_free(s->states);
  vec_free(&s->found);
  arena_free(&s->arena);
  mem_free(s);
}

/* ---- one window */

static int candidate(unsigned rule, unsigned long long from, unsigned long long to, unsigned flags,
                     void *context)
{
  (void)from, (void)flags;
  struct secret_scanner *s = context;
  struct scanner_rule *state = &s->states[rule];
  if (state->file != s->file)
    *state = (struct scanner_rule){.file = s->file, .applies = scanner_rule_applies(s, rule)};
  if (!state->applies)
    return 0;
  if (state->window != s->windows) {
    state->window = s->windows;
    state->passed = 0;
    state->patience = 0;
    state->keyword_known = false;
  }
  uint64_t end = s->base + to;
  if (end <= state->done || end <= state->passed)
    return 0;
  /* What may go on beyond the window waits for the next one, in which it is whole. */
  if (!s->view.last && to > s->view.text.len - SECRET_REACH)
    return 0;
  scanner_judge(s, rule, (size_t)to);
  return s->dropped > SECRET_DROPPED_MAX;
}

static void scan_window(struct secret_scanner *s, struct str text, bool last)
{
  const struct hs_database *db = secret_database_hs(s->rules->database);
  s->view = (struct scanner_view){text, last};
  s->windows++;
  if (db &&
      hs_scan(db, text.data, (unsigned)text.len, 0, s->scratch, candidate, s) == HS_SCAN_TERMINATED)
    s->wanted = false;
}

/* ---- a file */

static void begin(struct secret_scanner *s, enum secret_place kind, struct str path, uint64_t size)
{
  s->kind = kind;
  s->path = path;
  s->size = size;
  s->file++;
  s->headed = s->binary = s->allowed = false;
  s->fill = 0;
  s->base = s->lines = s->line_start = 0;
  s->dropped = 0;
  vec_clear(&s->found);
  arena_reset(&s->arena);
  s->wanted = true;
}

static void find_by_path(struct secret_scanner *s)
{
  for (uint32_t i = 0; s->rules->by_path && i < s->rules->count; i++) {
    const struct secret_rule_state *state = &s->rules->states[i];
    if (!state->pattern.text.len && state->path.text.len && scanner_rule_applies(s, i))
      scanner_keep_path(s, i);
  }
}

bool secret_scanner_begin(struct secret_scanner *s, struct str path, uint64_t size)
{
  begin(s, SECRET_FILE, path, size);
  s->wanted = false;
  if (!size && !s->rules->by_path)
    return false; /* images have millions of empty files */
  s->allowed = scanner_path_allowed(s->rules, s->rules->allow, s->rules->allow_states,
                                    s->rules->allow_count, path);
  find_by_path(s);
  s->wanted = size > 0 && !s->allowed && scanner_path_wanted(path);
  return s->wanted;
}

static void look_at_head(struct secret_scanner *s, struct str head)
{
  enum scanner_content content = scanner_content_of(head);
  s->headed = true;
  s->binary = content == SCANNER_BINARY;
  if (content == SCANNER_PACKED || (s->binary && s->no_binaries))
    s->wanted = false;
}

/* A file that comes in one piece is read where it is. */
static void scan_whole(struct secret_scanner *s, struct str text)
{
  while (s->wanted) {
    struct str part = str_sub(text, 0, SECRET_WINDOW);
    bool last = part.len == text.len;
    scan_window(s, part, last);
    if (last)
      break;
    struct str dropped = str_sub(text, 0, SECRET_WINDOW - SECRET_CARRY);
    scanner_slide(s, dropped);
    text = str_sub(text, dropped.len, text.len);
  }
  s->wanted = false;
}

static void scan_full_window(struct secret_scanner *s)
{
  struct str all = str_make(s->window, s->fill);
  scan_window(s, all, false);
  scanner_slide(s, str_sub(all, 0, SECRET_WINDOW - SECRET_CARRY));
  memmove(s->window, s->window + SECRET_WINDOW - SECRET_CARRY, SECRET_CARRY);
  s->fill = SECRET_CARRY;
}

bool secret_scanner_feed(struct secret_scanner *s, struct str piece)
{
  if (!s->wanted || !piece.len)
    return s->wanted;
  if (!s->headed && !s->fill && piece.len == s->size) {
    look_at_head(s, piece);
    scan_whole(s, piece);
    return false;
  }
  while (s->wanted && piece.len) {
    struct str part = str_sub(piece, 0, SECRET_WINDOW - s->fill);
    memcpy(s->window + s->fill, part.data, part.len);
    s->fill += part.len;
    piece = str_sub(piece, part.len, piece.len);
    if (!s->headed && s->fill >= SECRET_HEAD)
      look_at_head(s, str_make(s->window, s->fill));
    /* A window that is just full may be the last one. */
    if (piece.len && s->wanted)
      scan_full_window(s);
  }
  return s->wanted;
}

static int by_offset(const void *a, const void *b)
{
  const struct scanner_found *x = a, *y = b;
  if (x->match.offset != y->match.offset)
    return x->match.offset < y->match.offset ? -1 : 1;
  return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static bool overlap(const struct secret_match *a, const struct secret_match *b)
{
  return a->offset < b->offset + b->length && b->offset < a->offset + a->length;
}

/* Whether b says better what a is: it knows the form, or is an own rule like a and comes first. */
static bool is_better(const struct scanner_found *a, const struct scanner_found *b)
{
  if (a->rule == b->rule || !overlap(&a->match, &b->match))
    return false;
  if (a->match.rule->weak != b->match.rule->weak)
    return a->match.rule->weak;
  if (!a->match.rule->builtin || !b->match.rule->builtin)
    return false;
  return a->match.length != b->match.length ? a->match.length < b->match.length : b->rule < a->rule;
}

static void hand_over(struct secret_scanner *s, struct secret_list *list)
{
  if (s->found.count)
    qsort(s->found.items, s->found.count, sizeof *s->found.items, by_offset);
  for (size_t i = 0; i < s->found.count; i++) {
    bool better = false;
    for (size_t k = 0; k < s->found.count && !better; k++)
      better = is_better(&s->found.items[i], &s->found.items[k]);
    if (better)
      continue;
    struct secret_match *m = add_match(list);
    *m = s->found.items[i].match;
    m->place = arena_copy(list->arena, s->path);
    m->redacted = arena_copy(list->arena, m->redacted);
  }
  list->dropped += s->dropped;
  vec_clear(&s->found);
}

void secret_scanner_end(struct secret_scanner *s, struct secret_list *list)
{
  struct str rest = str_make(s->window, s->fill);
  if (s->wanted && !s->headed)
    look_at_head(s, rest);
  if (s->wanted && s->fill)
    scan_window(s, rest, true);
  s->wanted = false;
  hand_over(s, list);
}

void secret_scan_text(struct secret_scanner *s, enum secret_place kind, struct str place,
                      struct str text, struct secret_list *list)
{
  begin(s, kind, place, text.len);
  if (text.len)
    scan_whole(s, text);
  hand_over(s, list);
}
