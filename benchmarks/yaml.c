/*
 * yaml - what composing values costs on top of libyaml's events.
 *
 *     benchmarks/yaml [MB] [rounds]      (10 and 9)
 *
 * The same text, a stream of Kubernetes manifests made in memory, is read in turns: events alone
 * (parsed and deleted), and values with positions and symbols. Printed are the medians of CPU time
 * as MB/s, and their ratio; then the time that a small file costs a reader that is kept.
 */
#include "data/yaml.h"
#include "base/buf.h"
#include "base/error.h"

#include <yaml.h>

enum { ROUNDS_MAX = 99, SMALL_FILES = 2000 };

static const struct str known_keys[] = {
    STR_INIT("apiVersion"),   STR_INIT("kind"),           STR_INIT("metadata"),
    STR_INIT("name"),         STR_INIT("namespace"),      STR_INIT("labels"),
    STR_INIT("annotations"),  STR_INIT("spec"),           STR_INIT("template"),
    STR_INIT("containers"),   STR_INIT("image"),          STR_INIT("securityContext"),
    STR_INIT("runAsNonRoot"), STR_INIT("runAsUser"),      STR_INIT("capabilities"),
    STR_INIT("add"),          STR_INIT("drop"),           STR_INIT("volumes"),
    STR_INIT("hostPath"),     STR_INIT("hostNetwork"),    STR_INIT("hostPID"),
    STR_INIT("privileged"),   STR_INIT("ports"),          STR_INIT("seccompProfile"),
    STR_INIT("type"),         STR_INIT("initContainers"), STR_INIT("hostPort"),
};

static const char deployment[] =
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata:\n"
    "  name: %1$s-%2$u\n"
    "  namespace: team-%3$u\n"
    "  labels:\n"
    "    app.kubernetes.io/name: %1$s\n"
    "    app.kubernetes.io/part-of: shop\n"
    "    app.kubernetes.io/version: \"1.%3$u.%2$u\"\n"
    "  annotations:\n"
    "    # kept by the release job\n"
    "    deployment.kubernetes.io/revision: \"%2$u\"\n"
    "spec:\n"
    "  replicas: %3$u\n"
    "  revisionHistoryLimit: 5\n"
    "  selector:\n"
    "    matchLabels:\n"
    "      app.kubernetes.io/name: %1$s\n"
    "  strategy:\n"
    "    rollingUpdate:\n"
    "      maxSurge: 25%%\n"
    "      maxUnavailable: 0\n"
    "  template:\n"
    "    metadata:\n"
    "      labels:\n"
    "        app.kubernetes.io/name: %1$s\n"
    "    spec:\n"
    "      serviceAccountName: %1$s\n"
    "      automountServiceAccountToken: false\n"
    "      securityContext:\n"
    "        runAsNonRoot: true\n"
    "        runAsUser: 10%3$03u\n"
    "        fsGroup: 10%3$03u\n"
    "        seccompProfile:\n"
    "          type: RuntimeDefault\n"
    "      containers:\n"
    "        - name: %1$s\n"
    "          image: registry.example.com/shop/%1$s:1.%3$u.%2$u\n"
    "          imagePullPolicy: IfNotPresent\n"
    "          args: [\"--listen=:8080\", \"--log-level=info\", \"--shard=%2$u\"]\n"
    "          env:\n"
    "            - name: DATABASE_URL\n"
    "              valueFrom:\n"
    "                secretKeyRef:\n"
    "                  name: %1$s-database\n"
    "                  key: url\n"
    "            - name: CACHE_SECONDS\n"
    "              value: \"300\"\n"
    "          ports:\n"
    "            - name: http\n"
    "              containerPort: 8080\n"
    "              protocol: TCP\n"
    "            - name: metrics\n"
    "              containerPort: 9%3$03u\n"
    "          securityContext:\n"
    "            allowPrivilegeEscalation: false\n"
    "            readOnlyRootFilesystem: true\n"
    "            capabilities:\n"
    "              drop: [ALL]\n"
    "          resources:\n"
    "            requests:\n"
    "              cpu: 250m\n"
    "              memory: 256Mi\n"
    "            limits:\n"
    "              memory: 512Mi\n"
    "          readinessProbe:\n"
    "            httpGet:\n"
    "              path: /ready\n"
    "              port: http\n"
    "            periodSeconds: 10\n"
    "            failureThreshold: 3\n"
    "          volumeMounts:\n"
    "            - name: scratch\n"
    "              mountPath: /tmp\n"
    "            - name: settings\n"
    "              mountPath: /etc/%1$s\n"
    "              readOnly: true\n"
    "      volumes:\n"
    "        - name: scratch\n"
    "          emptyDir: {}\n"
    "        - name: settings\n"
    "          configMap:\n"
    "            name: %1$s\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Service\n"
    "metadata:\n"
    "  name: %1$s-%2$u\n"
    "  namespace: team-%3$u\n"
    "spec:\n"
    "  type: ClusterIP\n"
    "  selector:\n"
    "    app.kubernetes.io/name: %1$s\n"
    "  ports:\n"
    "    - name: http\n"
    "      port: 80\n"
    "      targetPort: http\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: ConfigMap\n"
    "metadata:\n"
    "  name: %1$s\n"
    "data:\n"
    "  greeting: 'it''s %2$u'\n"
    "  settings.toml: |\n"
    "    [server]\n"
    "    listen = \":8080\"\n"
    "    workers = %3$u\n"
    "    [log]\n"
    "    level = \"info\"\n"
    "---\n";

static void make_manifests(struct buf *out, size_t size)
{
  static const char *const names[] = {"cart", "checkout-rollout", "payments-api", "search",
                                      "recommendations"};
  for (unsigned i = 0; out->len < size; i++)
    buf_printf(out, deployment, names[i % 5], i, i % 17);
}

static double cpu_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t read_events(struct str text)
{
  yaml_parser_t parser;
  size_t count = 0;
  if (!yaml_parser_initialize(&parser))
    abort();
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text.data, text.len);
  for (bool more = true; more; count++) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event))
      abort();
    more = event.type != YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return count;
}

static size_t read_values(struct yaml_reader *reader, struct arena *arena, struct str text)
{
  struct yaml_document document;
  struct error err;
  size_t count = 0;
  int got;
  yaml_reader_reset(reader, text);
  while ((got = yaml_reader_next(reader, arena, &document, &err)) > 0)
    count++;
  if (got < 0) {
    fprintf(stderr, "%u:%u: %s\n", err.line, err.column, err.message);
    exit(2);
  }
  arena_reset(arena);
  return count;
}

static int compare_times(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *times, size_t count)
{
  qsort(times, count, sizeof *times, compare_times);
  return times[count / 2];
}

static unsigned long argument(int argc, char **argv, int i, unsigned long otherwise)
{
  return argc > i ? strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
  unsigned long megabytes = argument(argc, argv, 1, 10);
  unsigned long rounds = argument(argc, argv, 2, 9);
  if (megabytes < 1 || megabytes > 200 || rounds < 1 || rounds > ROUNDS_MAX) {
    fprintf(stderr, "usage: yaml [MB 1-200] [rounds 1-%d]\n", ROUNDS_MAX);
    return 2;
  }
  struct buf text = {0}, small = {0};
  make_manifests(&text, megabytes * 1000000);
  make_manifests(&small, 1);
  struct symbols *symbols = symbols_new(known_keys, sizeof known_keys / sizeof *known_keys);
  struct yaml_options options = {.positions = true, .symbols = symbols};
  struct yaml_reader *reader = yaml_reader_new(STR_EMPTY, &options);
  struct arena arena;
  arena_init(&arena, 0);
  arena_keep(&arena, (size_t)1 << 30);

  double events[ROUNDS_MAX], values[ROUNDS_MAX];
  size_t event_count = 0, documents = 0;
  for (unsigned i = 0; i < rounds; i++) {
    double start = cpu_seconds();
    event_count = read_events(buf_str(&text));
    double between = cpu_seconds();
    documents = read_values(reader, &arena, buf_str(&text));
    events[i] = between - start;
    values[i] = cpu_seconds() - between;
  }
  double bare = median(events, rounds), ours = median(values, rounds);
  double size = (double)text.len / 1e6;
  printf("%.1f MB, %zu documents, %zu events, median of %lu rounds, CPU time\n", size, documents,
         event_count, rounds);
  printf("libyaml events     %7.1f MB/s\n", size / bare);
  printf("values             %7.1f MB/s  (positions, %zu symbols)\n", size / ours,
         symbols_count(symbols));
  printf("ratio              %7.3f\n", bare / ours);

  double start = cpu_seconds();
  for (unsigned i = 0; i < SMALL_FILES; i++)
    read_values(reader, &arena, buf_str(&small));
  double each = (cpu_seconds() - start) / SMALL_FILES;
  printf("a file of %zu bytes %7.1f us   (%.1f MB/s)\n", small.len, each * 1e6,
         (double)small.len / each / 1e6);

  arena_free(&arena);
  yaml_reader_free(reader);
  symbols_free(symbols);
  buf_free(&text);
  buf_free(&small);
  return 0;
}
