/*
 * java.h - what Java archives consist of, and what Maven, Gradle and sbt projects ask for.
 *
 *     if (java_wants(path, flags))       rc = java_stream(&file, content, &list, &err);
 *     if (java_lock_wants(path, flags))  rc = java_lock_read(path, layer, bytes, &list, &err);
 *
 * Archives (jar, war, ear, par, sar, kar, hpi, jpi, rar of connectors; archives in archives, to a depth of
 * JAVA_DEPTH_MAX) give a package for each pom.properties in them, so that a shaded archive gives all it was made of,
 * and one for the archive itself. What that is says, in this order: the pom.properties that fits the file's name or
 * is the only one; the file's name ("spring-core-5.3.1.jar") with what META-INF/MANIFEST.MF knows. A group that nobody
 * names comes from a table of artifacts known to leave it out, from Bundle-SymbolicName and the like; failing all, the
 * artifact's name stands for it, as it does for many old ones. Names are "group:artifact". Packages carry the SHA-1
 * digest of their archive, by which registries know it; licences come from the pom.xml beside the properties, or the
 * manifest.
 *
 * Lock files, read if PACKAGE_LIST_LOCK_FILES asks for them:
 *   pom.xml           the project, and its dependencies of the scopes compile and runtime (test: development), with
 *                     properties and dependencyManagement of the file and of its parents, as far as those are among
 *                     the files that are read. Versions that another file determines (a parent elsewhere, an
 *                     imported one) are not known: SW_EUNSUPPORTED says how many
 *   gradle.lockfile   and buildscript-gradle.lockfile
 *   *.sbt.lock        of sbt-dependency-lock
 *
 * Files come in any order, so a pom.xml is kept as a note; those that have a parent are understood by java_settle, when
 * all have been read (analysis_finish does it).
 *
 * Archives are read in one pass. One that fits is held in memory and read by its directory; a larger one is read as
 * it flows. JAVA_MEMORY_MAX bytes are held of all that are open.
 *
 * Limits: JAVA_BYTES_MAX bytes unpacked, JAVA_ENTRIES_MAX files and JAVA_ARCHIVES_MAX archives in one file: SW_ELIMIT,
 * as is a deeper archive, after which the rest is read. Damaged archives are SW_EINVAL. The message names the archive
 * in the archive; what was found is in the list nevertheless.
 *
 * Thread safety: any number of threads, each with its own list.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_JAVA_H
#define SEAWALL_SCAN_LANGUAGE_JAVA_H

#include "scan/analyser.h"
#include "scan/faults_int.h"

enum {
  JAVA_DEPTH_MAX = 10,
  JAVA_ENTRIES_MAX = 4000000,
  JAVA_ARCHIVES_MAX = 20000,
  JAVA_MEMORY_MAX = 48 << 20,
  JAVA_LOCK_SIZE_MAX = 64 << 20,
};
#define JAVA_BYTES_MAX (UINT64_C(4) << 30)
#define JAVA_SIZE_MAX (UINT64_C(64) << 30) /* bytes of an archive */

bool java_wants(struct str path, unsigned flags);
int java_stream(const struct analyser_file *file, const struct oci_input *content,
                struct package_list *list, struct error *err);

bool java_lock_wants(struct str path, unsigned flags);
int java_lock_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                   struct error *err);

/* Adds the packages of each pom.xml that has a parent. What remains unknown is added to faults. */
void java_settle(struct package_list *list, struct faults *faults);

#endif
