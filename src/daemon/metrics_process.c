#include "base/clock.h"
#include "base/file.h"
#include "daemon/metrics_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Fields of /proc/self/stat behind the name, which may hold anything: starttime is the 20th, in ticks
 * since the machine started. proc(5). */
static bool read_start_ticks(unsigned long long *ret)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (file_read("/proc/self/stat", 4096, &text, NULL) < 0)
    return false;
  ptrdiff_t end = str_find_last_byte(buf_str(&text), ')');
  if (end < 0)
    return false;
  struct str rest = str_sub(buf_str(&text), (size_t)end + 2, text.len), field = STR_EMPTY;
  for (int i = 0; i < 20 && rest.data; i++)
    field = str_cut(rest, ' ', &rest);
  return str_to_u64(field, UINT64_MAX, ret);
}

static uint64_t start_ms(void)
{
  struct timespec since_boot;
  unsigned long long ticks;
  long hertz = sysconf(_SC_CLK_TCK);
  if (!read_start_ticks(&ticks) || hertz <= 0 || clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0)
    return 0;
  int64_t age = (int64_t)since_boot.tv_sec * 1000 + since_boot.tv_nsec / 1000000 -
                (int64_t)(ticks * 1000 / (unsigned long)hertz);
  int64_t started = clock_wall_ms(clock_system()) - age;
  return started > 0 ? (uint64_t)started : 0;
}

void metrics_process_open(struct process_facts *facts)
{
  long page = sysconf(_SC_PAGESIZE);
  facts->page_bytes = page > 0 ? (uint64_t)page : 4096;
  facts->started_ms = start_ms();
  facts->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  facts->descriptors = opendir("/proc/self/fd");
}

void metrics_process_close(struct process_facts *facts)
{
  file_closep(&facts->statm);
  if (facts->descriptors)
    closedir(facts->descriptors);
}

static void write_one(struct buf *out, enum metrics_format format, const char *name,
                      const char *help, enum metric_kind kind, uint64_t value)
{
  metrics_write_head(out, format, name, help, kind);
  buf_printf(out, "%s %llu\n", name, (unsigned long long)value);
}

static void write_cpu(enum metrics_format format, struct buf *out)
{
  struct rusage use;
  if (getrusage(RUSAGE_SELF, &use) != 0)
    return;
  uint64_t us = (uint64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 +
                (uint64_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
  metrics_write_head(out, format, "process_cpu_seconds_total",
                     "Processor time used, in user and system mode, in seconds.", METRIC_COUNTER);
  buf_printf(out, "process_cpu_seconds_total %llu.%06llu\n", (unsigned long long)(us / 1000000),
             (unsigned long long)(us % 1000000));
}

static void write_memory(struct process_facts *facts, enum metrics_format format, struct buf *out)
{
  char text[128];
  ssize_t got = facts->statm < 0 ? -1 : pread(facts->statm, text, sizeof text, 0);
  if (got <= 0)
    return;
  struct str rest = str_make(text, (size_t)got);
  struct str whole = str_cut(rest, ' ', &rest);
  struct str resident = rest.data ? str_cut(rest, ' ', &rest) : STR_EMPTY;
  unsigned long long pages;
  if (str_to_u64(resident, UINT32_MAX, &pages))
    write_one(out, format, "process_resident_memory_bytes", "Memory in use, in bytes.",
              METRIC_GAUGE, pages * facts->page_bytes);
  if (str_to_u64(whole, UINT64_MAX / facts->page_bytes, &pages))
    write_one(out, format, "process_virtual_memory_bytes", "Memory mapped, in bytes.", METRIC_GAUGE,
              pages * facts->page_bytes);
}

static void write_descriptors(struct process_facts *facts, enum metrics_format format,
                              struct buf *out)
{
  struct rlimit limit;
  uint64_t count = 0;
  if (facts->descriptors) {
    rewinddir(facts->descriptors);
    for (struct dirent *entry; (entry = readdir(facts->descriptors));)
      count += entry->d_name[0] != '.';
    write_one(out, format, "process_open_fds", "File descriptors that are open.", METRIC_GAUGE,
              count);
  }
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    write_one(out, format, "process_max_fds", "File descriptors that may be open.", METRIC_GAUGE,
              limit.rlim_cur);
}

void metrics_process_write(struct process_facts *facts, enum metrics_format format, struct buf *out)
{
  write_cpu(format, out);
  write_memory(facts, format, out);
  write_descriptors(facts, format, out);
  if (!facts->started_ms)
    return;
  metrics_write_head(out, format, "process_start_time_seconds",
                     "When the process started, in seconds since 1970.", METRIC_GAUGE);
  buf_printf(out, "process_start_time_seconds %llu.%03u\n",
             (unsigned long long)(facts->started_ms / 1000), (unsigned)(facts->started_ms % 1000));
}
