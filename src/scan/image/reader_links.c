/* Hard links to content that was passed over. */
#include "scan/image/reader_links_int.h"

#include "base/mem.h"

static struct str key_of(const struct hash128 *name)
{
  return str_make((const char *)name, sizeof *name);
}

void reader_links_init(struct reader_links *l)
{
  *l = (struct reader_links){.job = NULL};
  arena_init(&l->arena, 0);
  map_init(&l->by_name, &l->arena);
}

void reader_links_clear(struct reader_links *l)
{
  map_free(&l->by_name);
  vec_free(&l->targets);
  arena_reset(&l->arena);
  map_init(&l->by_name, &l->arena);
}

/* ---- the first reading */

void reader_links_see(struct reader_links *l, const struct oci_entry *entry,
                      const void *(*wanted)(void *ctx, struct str path, uint32_t mode), void *ctx,
                      struct reader_target *ret)
{
  bool link = entry->type == OCI_HARDLINK;
  if (!link && !l->by_name.count)
    return;
  struct hash128 name = hash_stable(entry->path);
  if (!link) {
    map_remove(&l->by_name, key_of(&name));
    return;
  }
  struct reader_target target = {hash_stable(entry->link), entry->number, NULL};
  const union map_value *known = map_get(&l->by_name, key_of(&target.name));
  if (known)
    target = l->targets.items[known->number];
  else
    target.wanted = wanted(ctx, entry->link, entry->mode);
  *ret = target;
  if (vec_full(&l->targets, READER_LINKS_KNOWN_MAX))
    return;
  map_put(&l->by_name, key_of(&name), NULL)->number = l->targets.count;
  vec_push(&l->targets, target);
}

/* ---- the second */

void reader_links_ask(struct reader_links *l, const struct image_reader_job *job)
{
  l->job = job;
  l->next = arena_zalloc(&l->arena, job->link_count + 1, sizeof *l->next);
  for (size_t i = job->link_count; i-- > 0;) {
    /* From behind, so that they come in their order. */
    union map_value *first = map_put(&l->by_name, key_of(&job->links[i].target), NULL);
    l->next[i] = (uint32_t)first->number;
    first->number = i + 1;
  }
}

static size_t skip(const struct reader_links *l, size_t link, const struct oci_entry *entry)
{
  while (link && entry->number >= l->job->links[link - 1].before)
    link = l->next[link - 1];
  return link;
}

size_t reader_links_first(const struct reader_links *l, const struct oci_entry *entry)
{
  struct hash128 name = hash_stable(entry->path);
  const union map_value *first = map_get(&l->by_name, key_of(&name));
  return first ? skip(l, first->number, entry) : 0;
}

size_t reader_links_next(const struct reader_links *l, size_t link, const struct oci_entry *entry)
{
  return skip(l, l->next[link - 1], entry);
}
