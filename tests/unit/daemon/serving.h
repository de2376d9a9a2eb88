/*
 * serving.h - what the tests of the daemon's parts share: policies in a scratch directory, a
 * configuration, requests and reviews.
 */
#ifndef SEAWALL_TESTS_UNIT_DAEMON_SERVING_H
#define SEAWALL_TESTS_UNIT_DAEMON_SERVING_H

#include "../test.h"

#include "../base/scratch.h"

#include "base/clock.h"
#include "daemon/serve_config.h"
#include "net/http_server.h"

#include <time.h>

/* A package that denies what has a label `bad`, with a message of its own. */
#define POLICY(message)                                                                            \
  "package labels\nimport rego.v1\ndeny contains \"" message "\" if input.metadata.labels.bad\n"

#define REVIEW(labels)                                                                                 \
  "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u-1\"," \
  "\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"ConfigMap\"},"                               \
  "\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"configmaps\"},\"name\":\"c\","       \
  "\"namespace\":\"shop\",\"operation\":\"CREATE\",\"userInfo\":{\"username\":\"ann\"},"               \
  "\"object\":{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\","             \
  "\"namespace\":\"shop\",\"labels\":" labels                                                          \
  "},\"data\":{}},\"oldObject\":null,\"dryRun\":false}}"

#define BAD REVIEW("{\"bad\":\"yes\"}")
#define GOOD REVIEW("{\"good\":\"yes\"}")

/* Waits for something that must become true, for 20 s at most. */
#define await(condition)                                                                           \
  do {                                                                                             \
    uint64_t await_end = clock_monotonic_ns(clock_system()) + UINT64_C(20000000000);               \
    while (!(condition)) {                                                                         \
      if (clock_monotonic_ns(clock_system()) > await_end) {                                        \
        print_error("waited in vain for: %s\n", #condition);                                       \
        fail();                                                                                    \
      }                                                                                            \
      nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);                                     \
    }                                                                                              \
  } while (0)

/* Reads a configuration on top of the defaults; rules off, so that only what a test says counts. */
static inline void configured(struct serve_config *config, const char *text)
{
  struct error err;
  serve_config_init(config);
  scratch_file("serve.yaml", text);
  if (serve_config_read(config, "serve.yaml", &err) < 0 || serve_config_finish(config, &err) < 0) {
    print_error("%s\n", err.message);
    fail();
  }
}

#define assert_contains(text, part)                                                                \
  do {                                                                                             \
    if (!strstr((text), (part))) {                                                                 \
      print_error("\"%s\" lacks \"%s\"\n", (text), (part));                                        \
      fail();                                                                                      \
    }                                                                                              \
  } while (0)

#define assert_lacks(text, part)                                                                   \
  do {                                                                                             \
    if (strstr((text), (part))) {                                                                  \
      print_error("\"%s\" has \"%s\"\n", (text), (part));                                          \
      fail();                                                                                      \
    }                                                                                              \
  } while (0)

#endif
