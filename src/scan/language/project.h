/*
 * project.h - what several files of a project say together: which packages of a lock file are for development only,
 * which the project asks for itself, under which licence they are.
 *
 *     project_settle(&list);        when all files have been read; analysis_finish does it
 *
 * yarn.lock, poetry.lock, pylock.toml, Cargo.lock, composer.lock and Julia's Manifest.toml list packages and what each
 * needs; what the project itself asks for is in package.json, pyproject.toml, Cargo.toml, composer.json and
 * Project.toml. Files come in any order, so readers keep what they know as notes:
 *
 *   PACKAGE_NOTE_NEEDS     an entry of a lock file: its name is the entry's id ("a@1.0.0"), its texts are
 *       =a@^1.0.0          a name by which others ask for it
 *       >b@2.0.0           the id, or such a name, of an entry that it needs
 *       !a                 it is part of the project itself, and its name
 *       !                  its file says itself whether it is for development
 *   PACKAGE_NOTE_PROJECT   what a project's own file asks for: its texts are
 *       +a@^1.0.0          a name by which a package is asked for, to run
 *       -a@^1.0.0          the same, to build or to test
 *       *packages/a        a pattern of folders that belong to the project
 *       =name@1.0.0        the project itself; it is added to the list as a package (npm only)
 *
 * A package of a lock file that is for development leaves the list unless that has PACKAGE_LIST_DEVELOPMENT. Without
 * the project's file, everything counts.
 *
 * In a folder whose packages a lock file lists, node_modules and vendor/composer hold the same packages once more: they
 * leave the list, and the lock file's packages get the licences that are known only there. A folder without a lock file
 * keeps them.
 *
 * Nothing is done without PACKAGE_LIST_LOCK_FILES. Limits: those of the list. Thread safety: as package_list.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_PROJECT_H
#define SEAWALL_SCAN_LANGUAGE_PROJECT_H

#include "scan/package.h"

void project_settle(struct package_list *list);

#endif
