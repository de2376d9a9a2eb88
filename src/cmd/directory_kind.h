/*
 * directory_kind.h - what a directory is that the user named, by what lies at its top.
 *
 *     if (directory_kind(path) == DIRECTORY_LAYOUT) ...
 *
 * Nothing is read but names. Who reads the directory as what it seems to be finds out whether it is.
 */
#ifndef SEAWALL_CMD_DIRECTORY_KIND_H
#define SEAWALL_CMD_DIRECTORY_KIND_H

enum directory_kind {
  DIRECTORY_OTHER,  /* of sources, of manifests, or not there */
  DIRECTORY_LAYOUT, /* an OCI layout */
  DIRECTORY_STORE,  /* of podman, buildah, CRI-O or containerd */
  DIRECTORY_ROOT,   /* the root of a file system with an operating system in it */
};

enum directory_kind directory_kind(const char *path);

#endif
