#include "scan/purl.h"

#include "base/mem.h"
#include "oci/reference.h"

struct str purl_of_image(struct arena *arena, struct str reference, struct str digest,
                         struct str architecture)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct image_reference image;
  if (image_reference_read(reference, &image, NULL) < 0)
    return STR_EMPTY;
  struct str repository = image_reference_name(&image, arena);
  ptrdiff_t slash = str_find_last_byte(repository, '/');
  struct purl purl = {.type = STR("oci"),
                      .name = str_sub(repository, (size_t)(slash + 1), SIZE_MAX),
                      .version = digest};
  purl_qualify(&purl, STR("arch"), architecture, NULL);
  purl_qualify(&purl, STR("repository_url"), repository, NULL);
  return purl_write(&text, &purl, NULL) < 0 ? STR_EMPTY : arena_copy(arena, buf_str(&text));
}
