/* A vector is scored within its bounds, and its band follows from its score; an error says why. */
#include "scan/advisory/cvss.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct cvss score;
  struct error err;
  struct str vector = str_make((const char *)data, size);
  int rc = cvss_read(vector, &score, &err);
  assert(rc == 0 || (rc == SW_EINVAL && err.code == rc && err.message[0]));
  if (rc == 0) {
    assert(score.tenths <= 100 && score.version <= CVSS_4_0);
    assert(score.severity == cvss_severity(score.version, score.tenths));
    assert(score.severity > SEVERITY_UNKNOWN && score.severity < SEVERITY_COUNT);
  }
  return 0;
}
