/*
 * image_setting.h - single settings of images that are mistakes, whether an image or a Dockerfile has them.
 *
 *     if (image_setting_remote_port(22)) ...                     "SSH"
 *     if (image_setting_sensitive_volume(STR("/proc"))) ...
 *
 * All texts are views. Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_SCAN_CHECK_IMAGE_SETTING_H
#define SEAWALL_SCAN_CHECK_IMAGE_SETTING_H

#include "base/str.h"

/* What listens on a port for people far away ("SSH"); NULL: nothing of the kind. */
const char *image_setting_remote_port(unsigned long long port);

/* A directory that a volume must not cover: the system's own, or one of the container runtime. */
bool image_setting_sensitive_volume(struct str path);

/* A search path (PATH, LD_LIBRARY_PATH) with a directory that others may write to, which is given back. */
bool image_setting_weak_path(struct str name, struct str value, struct str *ret_folder);

/* A variable that switches the checking of certificates or checksums off. */
bool image_setting_unverified(struct str name, struct str value);

/* An image's name with the tag latest, or with none, and no digest. */
bool image_setting_latest(struct str reference);

/* Whether an image comes from one of the places: hosts, or hosts with the beginning of a path ("docker.io/library",
 * "ghcr.io/example"). A name that cannot be read does not. */
bool image_setting_allowed(struct str reference, const struct str *registries, size_t count);

/* A signal that no program can handle. */
bool image_setting_kill(struct str signal);

#endif
