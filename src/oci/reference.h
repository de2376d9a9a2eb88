/*
 * reference.h - names of images: registry, repository, tag, digest.
 *
 *     struct image_reference r;
 *     if (image_reference_read(STR("nginx:1.25"), &r, &err) < 0) ...
 *     image_reference_name(&r, &arena)    docker.io/library/nginx
 *
 * References are read as container runtimes read them (the grammar of distribution/reference): what has
 * no registry is docker.io's, what is one word there is docker.io/library's, what has neither tag nor
 * digest has the tag latest. Digests are those of the OCI image specification ("Descriptors", registered
 * algorithms), and sha384.
 *
 * Ownership: a reference is views of the text it was read from. Nothing is allocated, but where an arena is
 * named. Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_OCI_REFERENCE_H
#define SEAWALL_OCI_REFERENCE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>

enum {
  IMAGE_REFERENCE_MAX = 512,  /* bytes of a reference */
  IMAGE_REPOSITORY_MAX = 255, /* bytes of registry and repository together */
  IMAGE_TAG_MAX = 128,        /* bytes of a tag */
};

/* A reference, completed. Views of the text, or constants. */
struct image_reference {
  struct str registry;   /* "docker.io" */
  struct str repository; /* "library/nginx" */
  struct str tag;    /* "latest" if there is neither tag nor digest; empty with a digest alone */
  struct str digest; /* "sha256:..."; empty: none */
  bool tag_given;    /* the tag was written */
  /* The text up to the tag: what a digest is put behind. */
  struct str name;
  bool library; /* repository was one word: it stands below "library/", without having it written */
};

/* SW_EINVAL with the reason; SW_ELIMIT. The repository of a library image is the one word: use `library`. */
int image_reference_read(struct str text, struct image_reference *ret, struct error *err);

/* ALGORITHM:HEX with sha256, sha384 or sha512 in lower-case hexadecimal digits of its length. */
bool image_digest_valid(struct str digest);

/* "docker.io/library/nginx", in the arena. */
struct str image_reference_name(const struct image_reference *reference, struct arena *arena);

#endif
