/*
 * target.h - the image that is judged, as findings name it.
 *
 *     const struct check_target target = {.image = STR("registry.example/web:1.2")};
 *
 * Findings of the modules of this folder have the subject {kind "Image", name image}. Their place is a path in
 * the image where a file is to blame, and else the location. Texts are views that outlive the findings.
 */
#ifndef SEAWALL_SCAN_CHECK_TARGET_H
#define SEAWALL_SCAN_CHECK_TARGET_H

#include "base/str.h"

struct check_target {
  struct str image; /* subject.name: "registry.example/web:1.2", a path */
  struct str
      location; /* location.file of findings that no file is to blame for; empty: the image */
};

#endif
