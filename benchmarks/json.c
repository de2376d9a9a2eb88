/*
 * How fast JSON is read: ours beside jansson and simdjson (its DOM), on a list of pods as an API
 * server sends it (50 MB, made in memory, the same each time) and on one admission review (3.3 KB,
 * over and over).
 *
 *     json [MB] [ROUNDS] [FILE]      (50 and 7; FILE: a review to read instead of the one made here)
 *
 * Readers take turns, and CPU time is what counts, so that a busy machine disturbs all alike. "reused"
 * keeps its memory from one text to the next, as a server does; "fresh" begins with none, as a scan
 * of one file does, and pays the system for every page.
 *
 * Goals: 700 MB/s on the list and 600 MB/s on the review, with a symbol table.
 */
#include "data/json.h"
#include "base/buf.h"
#include "base/mem.h"
#include "json_simdjson.h"
#include "kube/keys.h"

#include <jansson.h>
#include <malloc.h>

/* ---- The texts */

struct seed {
  uint64_t state;
};

static uint32_t next_random(struct seed *seed, uint32_t below)
{
  seed->state = seed->state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (uint32_t)((seed->state >> 33) % below);
}

static const char *const apps[] = {"web",     "cart",   "payments-api", "search", "ledger",
                                   "catalog", "mailer", "stock-sync",   "images", "fraud-scorer"};

#define PICK(seed, list) ((list)[next_random((seed), sizeof(list) / sizeof *(list))])

static void add_random_hex(struct buf *out, struct seed *seed, unsigned digits)
{
  for (unsigned i = 0; i < digits; i++)
    buf_add_byte(out, "0123456789abcdef"[next_random(seed, 16)]);
}

static void add_uid(struct buf *out, struct seed *seed)
{
  static const unsigned parts[] = {8, 4, 4, 4, 12};
  for (size_t i = 0; i < 5; i++) {
    if (i)
      buf_add_byte(out, '-');
    add_random_hex(out, seed, parts[i]);
  }
}

static void add_metadata(struct buf *out, struct seed *seed, const char *app, unsigned number)
{
  buf_printf(out,
             "{\"metadata\":{\"name\":\"%s-%x-%05u\",\"generateName\":\"%s-%x-\",\"namespace\":"
             "\"team-%u\",\"uid\":\"",
             app, number / 10, number, app, number / 10, number % 40);
  add_uid(out, seed);
  buf_printf(out,
             "\",\"resourceVersion\":\"%u\",\"creationTimestamp\":\"2024-%02u-%02uT%02u:%02u:07Z\","
             "\"labels\":{\"app.kubernetes.io/name\":\"%s\",\"app.kubernetes.io/part-of\":\"shop\","
             "\"pod-template-hash\":\"",
             88000000 + number, 1 + next_random(seed, 12), 1 + next_random(seed, 28),
             next_random(seed, 24), next_random(seed, 60), app);
  add_random_hex(out, seed, 10);
  buf_printf(out,
             "\",\"team\":\"team-%u\"},\"annotations\":{\"prometheus.io/port\":\"9090\","
             "\"prometheus.io/scrape\":\"true\",\"example.com/owner\":\"Zo\xC3\xAB \\u003czoe@"
             "example.com\\u003e\",\"example.com/config\":\"{\\\"level\\\":\\\"info\\\",\\\"sample"
             "\\\":0.%02u}\\n\"},\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":"
             "\"ReplicaSet\",\"name\":\"%s-%x\",\"uid\":\"",
             number % 40, next_random(seed, 100), app, number / 10);
  add_uid(out, seed);
  buf_add_text(out, "\",\"controller\":true,\"blockOwnerDeletion\":true}],\"managedFields\":[{"
                    "\"manager\":\"kube-controller-manager\",\"operation\":\"Update\","
                    "\"apiVersion\":\"v1\",\"time\":\"2024-05-13T09:14:07Z\",\"fieldsType\":"
                    "\"FieldsV1\",\"fieldsV1\":{\"f:metadata\":{\"f:annotations\":{\".\":{},"
                    "\"f:prometheus.io/port\":{},\"f:prometheus.io/scrape\":{}},"
                    "\"f:generateName\":{},\"f:labels\":{\".\":{},\"f:team\":{}}},\"f:spec\":{"
                    "\"f:containers\":{\"k:{\\\"name\\\":\\\"app\\\"}\":{\".\":{},\"f:image\":{},"
                    "\"f:name\":{},\"f:resources\":{\".\":{},\"f:limits\":{\".\":{},"
                    "\"f:memory\":{}}}}},\"f:dnsPolicy\":{},\"f:restartPolicy\":{}}}}]},");
}

static void add_container(struct buf *out, struct seed *seed, const char *app, unsigned n)
{
  buf_printf(
      out,
      "%s{\"name\":\"%s-%u\",\"image\":\"registry.example.com/shop/%s:%u.%u.%u\",\"args\":["
      "\"--listen=:%u\",\"--log-level=info\",\"--workers=%u\"],\"ports\":[{\"name\":\"http\","
      "\"containerPort\":%u,\"protocol\":\"TCP\"}],\"env\":[{\"name\":\"POD_NAMESPACE\","
      "\"valueFrom\":{\"fieldRef\":{\"apiVersion\":\"v1\",\"fieldPath\":"
      "\"metadata.namespace\"}}},{\"name\":\"CACHE_SIZE\",\"value\":\"%u\"},{\"name\":"
      "\"DATABASE_PASSWORD\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"%s-db\",\"key\":"
      "\"password\"}}}],",
      n ? "," : "", app, n, app, next_random(seed, 9), next_random(seed, 40), next_random(seed, 90),
      8000 + n, 1 + next_random(seed, 16), 8000 + n, next_random(seed, 4096), app);
  buf_printf(out,
             "\"resources\":{\"limits\":{\"cpu\":\"%u\",\"memory\":\"%uMi\"},\"requests\":{\"cpu\":"
             "\"%um\",\"memory\":\"%uMi\"}},\"volumeMounts\":[{\"name\":\"tmp\",\"mountPath\":"
             "\"/tmp\"},{\"name\":\"kube-api-access-%x\",\"readOnly\":true,\"mountPath\":"
             "\"/var/run/secrets/kubernetes.io/serviceaccount\"}],\"livenessProbe\":{\"httpGet\":{"
             "\"path\":\"/healthz\",\"port\":%u,\"scheme\":\"HTTP\"},\"initialDelaySeconds\":5,"
             "\"timeoutSeconds\":1,\"periodSeconds\":10,\"successThreshold\":1,"
             "\"failureThreshold\":3},\"terminationMessagePath\":\"/dev/termination-log\","
             "\"terminationMessagePolicy\":\"File\",\"imagePullPolicy\":\"IfNotPresent\","
             "\"securityContext\":{\"capabilities\":{\"drop\":[\"ALL\"]},\"runAsUser\":%u,"
             "\"runAsNonRoot\":true,\"readOnlyRootFilesystem\":true,"
             "\"allowPrivilegeEscalation\":false}}",
             1 + next_random(seed, 4), 64 << next_random(seed, 4), 50 * (1 + next_random(seed, 9)),
             32 << next_random(seed, 4), next_random(seed, 0xFFFFF), 8000 + n,
             10000 + next_random(seed, 5000));
}

static void add_spec(struct buf *out, struct seed *seed, const char *app, unsigned containers)
{
  buf_printf(out,
             "\"spec\":{\"volumes\":[{\"name\":\"tmp\",\"emptyDir\":{}},{\"name\":"
             "\"kube-api-access-%x\",\"projected\":{\"sources\":[{\"serviceAccountToken\":{"
             "\"expirationSeconds\":3607,\"path\":\"token\"}},{\"configMap\":{\"name\":"
             "\"kube-root-ca.crt\",\"items\":[{\"key\":\"ca.crt\",\"path\":\"ca.crt\"}]}}],"
             "\"defaultMode\":420}}],\"containers\":[",
             next_random(seed, 0xFFFFF));
  for (unsigned n = 0; n < containers; n++)
    add_container(out, seed, app, n);
  buf_printf(
      out,
      "],\"restartPolicy\":\"Always\",\"terminationGracePeriodSeconds\":30,\"dnsPolicy\":"
      "\"ClusterFirst\",\"serviceAccountName\":\"%s\",\"serviceAccount\":\"%s\",\"nodeName\":"
      "\"node-%u.example.com\",\"securityContext\":{\"fsGroup\":2000,\"seccompProfile\":{"
      "\"type\":\"RuntimeDefault\"}},\"schedulerName\":\"default-scheduler\","
      "\"tolerations\":[{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\","
      "\"effect\":\"NoExecute\",\"tolerationSeconds\":300},{\"key\":"
      "\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
      "\"tolerationSeconds\":300}],\"priority\":%u,\"enableServiceLinks\":true,"
      "\"preemptionPolicy\":\"PreemptLowerPriority\"},",
      app, app, next_random(seed, 300), next_random(seed, 1000));
}

static void add_status(struct buf *out, struct seed *seed, const char *app, unsigned containers)
{
  static const char *const conditions[] = {"Initialized", "Ready", "ContainersReady",
                                           "PodScheduled"};
  buf_add_text(out, "\"status\":{\"phase\":\"Running\",\"conditions\":[");
  for (size_t i = 0; i < 4; i++)
    buf_printf(out,
               "%s{\"type\":\"%s\",\"status\":\"True\",\"lastProbeTime\":null,"
               "\"lastTransitionTime\":\"2024-05-13T09:%02u:12Z\"}",
               i ? "," : "", conditions[i], next_random(seed, 60));
  buf_printf(out, "],\"hostIP\":\"10.0.%u.%u\",\"podIP\":\"10.2.%u.%u\",\"containerStatuses\":[",
             next_random(seed, 256), next_random(seed, 256), next_random(seed, 256),
             next_random(seed, 256));
  for (unsigned n = 0; n < containers; n++) {
    buf_printf(out,
               "%s{\"name\":\"%s-%u\",\"state\":{\"running\":{\"startedAt\":"
               "\"2024-05-13T09:14:12Z\"}},\"lastState\":{},\"ready\":true,\"restartCount\":%u,"
               "\"image\":\"registry.example.com/shop/%s:2\",\"imageID\":"
               "\"registry.example.com/shop/%s@sha256:",
               n ? "," : "", app, n, next_random(seed, 3), app, app);
    add_random_hex(out, seed, 64);
    buf_add_text(out, "\",\"containerID\":\"containerd://");
    add_random_hex(out, seed, 64);
    buf_add_text(out, "\",\"started\":true}");
  }
  buf_add_text(out, "],\"qosClass\":\"Burstable\"}}");
}

static void make_pod_list(struct buf *out, size_t size)
{
  struct seed seed = {42};
  buf_add_text(out, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":"
                    "\"88123456\"},\"items\":[");
  for (unsigned number = 0; out->len < size; number++) {
    const char *app = PICK(&seed, apps);
    unsigned containers = 1 + next_random(&seed, 3);
    if (number)
      buf_add_byte(out, ',');
    add_metadata(out, &seed, app, number);
    add_spec(out, &seed, app, containers);
    add_status(out, &seed, app, containers);
  }
  buf_add_text(out, "]}");
}

static void make_review(struct buf *out)
{
  struct seed seed = {7};
  buf_add_text(out, "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\","
                    "\"request\":{\"uid\":\"");
  add_uid(out, &seed);
  buf_add_text(out,
               "\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},\"resource\":{"
               "\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},\"namespace\":"
               "\"payments\",\"operation\":\"CREATE\",\"userInfo\":{\"username\":"
               "\"system:serviceaccount:kube-system:replicaset-controller\",\"groups\":["
               "\"system:serviceaccounts\",\"system:authenticated\"]},\"object\":");
  add_metadata(out, &seed, "payments-api", 1);
  buf_add_text(out, "\"spec\":{\"containers\":[");
  add_container(out, &seed, "payments-api", 0);
  buf_add_text(out, "],\"restartPolicy\":\"Always\"}},\"oldObject\":null,\"dryRun\":false}}");
}

/* ---- Readers */

struct bench {
  struct str text; /* with simdjson's padding behind it */
  const struct symbols *symbols;
  struct arena arena;
  struct simdjson_reader *simdjson;
};

static bool read_ours(struct bench *b, const struct json_options *options)
{
  struct error err;
  struct value root;
  arena_reset(&b->arena);
  if (json_parse(&b->arena, b->text, options, &root, &err) < 0) {
    fprintf(stderr, "%u:%u: %s\n", err.line, err.column, err.message);
    return false;
  }
  return value_is(root, VALUE_OBJECT);
}

static bool read_with_symbols(struct bench *b)
{
  return read_ours(b, &(struct json_options){.symbols = b->symbols});
}

static bool read_without_symbols(struct bench *b)
{
  return read_ours(b, NULL);
}

static bool read_with_positions(struct bench *b)
{
  return read_ours(b, &(struct json_options){.symbols = b->symbols, .positions = true});
}

static bool read_fresh(struct bench *b)
{
  arena_free(&b->arena);
  return read_with_symbols(b);
}

static bool read_simdjson(struct bench *b)
{
  return simdjson_reader_parse(b->simdjson, b->text.data, b->text.len);
}

static bool read_simdjson_fresh(struct bench *b)
{
  simdjson_reader_free(b->simdjson);
  b->simdjson = simdjson_reader_new();
  return read_simdjson(b);
}

static bool read_jansson(struct bench *b)
{
  json_t *root = json_loadb(b->text.data, b->text.len, 0, NULL);
  bool is_object = json_is_object(root);
  json_decref(root);
  return is_object;
}

static const struct reader {
  const char *name;
  bool (*read)(struct bench *b);
  bool is_slow; /* reads once where the others read ten times */
} readers[] = {
    {"seawall", read_with_symbols, false},
    {"seawall, no symbol table", read_without_symbols, false},
    {"seawall, positions", read_with_positions, false},
    {"seawall, fresh memory", read_fresh, false},
    {"simdjson DOM", read_simdjson, false},
    {"simdjson DOM, fresh memory", read_simdjson_fresh, false},
    {"jansson", read_jansson, true},
};

enum { READERS = sizeof readers / sizeof *readers, ROUNDS_MAX = 101, SIMDJSON = 4, JANSSON = 6 };

/* ---- Measuring */

static double cpu_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int compare_doubles(const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* MB/s of one turn. What the last reader has left to the allocator to tidy up is done before, and
 * those who keep memory get it: an arena grows in the first reading and is joined by the next. */
static double measure(struct bench *b, const struct reader *reader, unsigned repeat)
{
  if (reader->is_slow)
    repeat = repeat / 10 + 1;
  malloc_trim(0);
  for (int i = 0; i < 2 && !reader->is_slow; i++)
    reader->read(b);
  double start = cpu_seconds();
  for (unsigned i = 0; i < repeat; i++)
    if (!reader->read(b)) {
      fprintf(stderr, "%s does not read the text\n", reader->name);
      exit(1);
    }
  return (double)b->text.len * repeat / 1e6 / (cpu_seconds() - start);
}

static void run(struct bench *b, const char *what, unsigned repeat, unsigned rounds)
{
  static double speed[READERS][ROUNDS_MAX];
  for (size_t i = 0; i < READERS; i++)
    readers[i].read(b);
  for (unsigned round = 0; round < rounds; round++)
    for (size_t i = 0; i < READERS; i++)
      speed[i][round] = measure(b, &readers[i], repeat);
  for (size_t i = 0; i < READERS; i++)
    qsort(speed[i], rounds, sizeof **speed, compare_doubles);
  printf("%s, %zu bytes, %u rounds of %u readings; MB per CPU second\n", what, b->text.len, rounds,
         repeat);
  printf("  %-28s %8s %8s %12s %12s\n", "", "best", "median", "of simdjson", "of jansson");
  for (size_t i = 0; i < READERS; i++) {
    double median = speed[i][rounds / 2];
    printf("  %-28s %8.0f %8.0f %11.2fx %11.1fx\n", readers[i].name, speed[i][rounds - 1], median,
           median / speed[SIMDJSON][rounds / 2], median / speed[JANSSON][rounds / 2]);
  }
}

/* A copy with simdjson's padding. */
static struct str pad(struct str text)
{
  char *copy = mem_zalloc(text.len + simdjson_padding(), 1);
  memcpy(copy, text.data, text.len);
  return str_make(copy, text.len);
}

static void run_text(struct str text, const char *what, unsigned repeat, unsigned rounds)
{
  _cleanup_(symbols_freep) struct symbols *symbols = kube_symbols_new();
  struct bench b = {.text = pad(text), .symbols = symbols, .simdjson = simdjson_reader_new()};
  arena_init(&b.arena, 0);
  arena_keep(&b.arena, SIZE_MAX / 2);
  run(&b, what, repeat, rounds);
  printf("  tree %.1f MB, symbol table of %zu keys\n\n", (double)arena_peak(&b.arena) / 1e6,
         symbols_count(symbols));
  arena_free(&b.arena);
  simdjson_reader_free(b.simdjson);
  mem_free((char *)(uintptr_t)b.text.data);
}

static bool load(struct buf *out, const char *path)
{
  char block[4096];
  size_t got;
  FILE *file = fopen(path, "re");
  if (!file) {
    perror(path);
    return false;
  }
  while ((got = fread(block, 1, sizeof block, file)) > 0)
    buf_add(out, str_make(block, got));
  fclose(file);
  return true;
}

int main(int argc, char **argv)
{
  unsigned long megabytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 50;
  unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 7;
  if (megabytes < 1 || megabytes > 200 || rounds < 1 || rounds > ROUNDS_MAX) {
    fprintf(stderr, "usage: json [MB, 1 to 200] [ROUNDS, 1 to %d] [FILE]\n", ROUNDS_MAX);
    return 2;
  }
  printf("simdjson uses %s\n\n", simdjson_reader_kind());
  _cleanup_(buf_free) struct buf review = {0}, list = {0};
  if (argc < 4)
    make_review(&review);
  else if (!load(&review, argv[3]))
    return 2;
  run_text(buf_str(&review), "admission review", 2000, (unsigned)rounds);
  make_pod_list(&list, megabytes * 1000 * 1000);
  run_text(buf_str(&list), "pod list", 1, (unsigned)rounds);
  return 0;
}
