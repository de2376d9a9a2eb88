/*
 * java_int.h - what the parts of java share: names of archives, manifests, properties, Maven's project files.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_JAVA_INT_H
#define SEAWALL_SCAN_LANGUAGE_JAVA_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "scan/language/java.h"

/* What Maven calls a package by; parts that are unknown are empty. */
struct java_coordinates {
  struct str group, artifact, version;
};

/* Values of the main section of META-INF/MANIFEST.MF; those that are placeholders are empty. */
struct java_manifest {
  struct str implementation_title, implementation_version, implementation_vendor_id;
  struct str specification_version;
  struct str bundle_symbolic_name, bundle_version, bundle_license;
  struct str automatic_module_name;
  struct str group_id, artifact_id, short_name, plugin_version; /* of Jenkins plugins */
};

/* Texts lie in the arena. */
void java_manifest_read(struct arena *arena, struct str bytes, struct java_manifest *ret);

/* group, artifact and version of a pom.properties. */
void java_properties_read(struct arena *arena, struct str bytes, struct java_coordinates *ret);

/* Takes "spring-core-5.3.1.jar" apart; the version is empty if the name has none. */
void java_name_split(struct str name, struct str *ret_artifact, struct str *ret_version);

/* The group of an artifact whose archives do not name it; empty if it is not in the table. */
struct str java_group_of(struct str artifact);

/* What an archive is that has no pom.properties of its own; false if it cannot be said. Views of the arguments. */
bool java_identify(struct str file_name, const struct java_manifest *manifest,
                   struct java_coordinates *ret);

/* Adds p under these coordinates: its name, version and package URL are filled in. SW_EINVAL: a part is missing. */
int java_add(struct package_list *list, struct package *p, const struct java_coordinates *c,
             struct arena *arena, struct error *err);

/* ---- pom.xml */

struct java_dependency {
  struct java_coordinates coordinates;
  struct str scope, type;
  bool optional;
  uint32_t line;
};

struct java_dependencies VEC_BODY(struct java_dependency);

struct java_pom {
  struct java_coordinates project, parent;
  struct str relative_path;     /* of the parent's file, as it is written */
  const struct java_pom *above; /* the parent, if its file was read */
  struct str license;           /* names of licences, with ", " between them */
  struct map properties;
  struct java_dependencies dependencies, managed;
};

/* Texts lie in the arena; java_pom_free afterwards in any case. */
int java_pom_read(struct arena *arena, struct str bytes, struct java_pom *ret, struct error *err);
void java_pom_free(struct java_pom *pom);

/* Keeps what a pom.xml says as a note, and reads it from there. */
int java_pom_note(const struct java_pom *pom, struct str path, uint32_t layer,
                  struct package_list *list, struct error *err);
void java_pom_from_note(struct arena *arena, const struct package_note *note, struct java_pom *ret);

enum { JAVA_PARENTS_MAX = 20 };

/* A text with its "${...}" replaced by what the file or its parents say; empty if one of them is unknown, or leads to
 * itself. */
struct str java_pom_evaluate(const struct java_pom *pom, struct arena *arena, struct str text);

#endif
