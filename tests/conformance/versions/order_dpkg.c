/* Pairs on standard input, their order by libdpkg on standard output; E where it refuses one. */
#define LIBDPKG_VOLATILE_API 1
#include <dpkg/dpkg.h>
#include <dpkg/dpkg-db.h>
#include <dpkg/ehandle.h>
#include <dpkg/error.h>
#include <dpkg/version.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
  char line[4096];
  dpkg_program_init("order_dpkg");
  while (fgets(line, sizeof line, stdin)) {
    struct dpkg_version left, right;
    struct dpkg_error error = DPKG_ERROR_INIT;
    line[strcspn(line, "\n")] = '\0';
    char *second = strchr(line, '\t');
    *second++ = '\0';
    int first_bad = parseversion(&left, line, &error);
    int second_bad = parseversion(&right, second, &error);
    if (first_bad || second_bad) {
      printf("E %d%d\n", !first_bad, !second_bad);
      continue;
    }
    int order = dpkg_version_compare(&left, &right);
    printf("%d 11\n", (order > 0) - (order < 0));
  }
  return 0;
}
