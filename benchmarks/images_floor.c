/*
 * What reading a packed layer costs at least: ISA-L's inflate, and SHA-256 of the bytes on either side.
 *
 *     images_floor FILE          prints the processor time in seconds, and the unpacked bytes
 */
#include "base/mem.h"

#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { IN = 128 << 10, OUT = 256 << 10 };

static double seconds(void)
{
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
         (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
  static unsigned char in[IN], out[OUT], digest[EVP_MAX_MD_SIZE];
  static struct inflate_state state;
  EVP_MD_CTX *packed = EVP_MD_CTX_new(), *plain = EVP_MD_CTX_new();
  int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  unsigned long long bytes = 0;
  if (fd < 0 || !packed || !plain)
    return 2;
  EVP_DigestInit_ex(packed, EVP_sha256(), NULL);
  EVP_DigestInit_ex(plain, EVP_sha256(), NULL);
  isal_inflate_init(&state);
  state.crc_flag = ISAL_GZIP;
  for (ssize_t got; (got = read(fd, in, sizeof in)) > 0;) {
    EVP_DigestUpdate(packed, in, (size_t)got);
    state.next_in = in;
    state.avail_in = (uint32_t)got;
    do {
      state.next_out = out;
      state.avail_out = sizeof out;
      if (isal_inflate(&state) != ISAL_DECOMP_OK)
        return 2;
      EVP_DigestUpdate(plain, out, sizeof out - state.avail_out);
      bytes += sizeof out - state.avail_out;
    } while (state.avail_out == 0 || state.avail_in);
  }
  EVP_DigestFinal_ex(packed, digest, NULL);
  EVP_DigestFinal_ex(plain, digest, NULL);
  printf("%.3f %llu\n", seconds(), bytes);
  return 0;
}
