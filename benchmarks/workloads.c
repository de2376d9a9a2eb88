#include "workloads.h"

static const char *const kinds[] = {"Deployment", "StatefulSet", "DaemonSet", "Deployment"};
static const char *const apps[] = {"web", "cart", "search", "orders", "ledger", "mailer"};

static void add_container(struct buf *out, unsigned seed, unsigned n, bool flawed)
{
  const char *app = apps[(seed + n) % 6];
  buf_printf(out,
             "      - name: %s-%u\n"
             "        image: registry.example.com/shop/%s@sha256:%064x\n"
             "        args: [\"--listen\", \":8080\", \"--log-level=info\"]\n"
             "        ports:\n"
             "        - name: http\n          containerPort: %u\n          protocol: TCP\n"
             "        env:\n"
             "        - name: POD_NAMESPACE\n          valueFrom:\n            fieldRef:\n"
             "              fieldPath: metadata.namespace\n"
             "        - name: CACHE_SIZE\n          value: \"%u\"\n"
             "        resources:\n          requests: {cpu: 100m, memory: 128Mi}\n"
             "          limits: {memory: 256Mi}\n"
             "        readinessProbe:\n          httpGet: {path: /ready, port: http}\n"
             "          periodSeconds: 5\n"
             "        securityContext:\n"
             "          allowPrivilegeEscalation: %s\n"
             "          readOnlyRootFilesystem: true\n"
             "          capabilities:\n            drop: [%s]\n",
             app, n, app, seed, 8080 + n, 16 + seed % 512, flawed ? "true" : "false",
             flawed ? "NET_RAW" : "ALL");
}

void workload_make(struct buf *out, unsigned seed)
{
  bool flawed = seed % 10 == 0;
  const char *app = apps[seed % 6];
  buf_printf(out,
             "# team %u\napiVersion: apps/v1\nkind: %s\nmetadata:\n  name: %s-%u\n"
             "  namespace: team-%u\n  labels:\n    app.kubernetes.io/name: %s\n"
             "    app.kubernetes.io/part-of: shop\n    team: \"%u\"\n"
             "  annotations:\n    example.com/owner: team-%u@example.com\n"
             "spec:\n  replicas: %u\n  selector:\n    matchLabels:\n"
             "      app.kubernetes.io/name: %s\n  template:\n    metadata:\n      labels:\n"
             "        app.kubernetes.io/name: %s\n    spec:\n      serviceAccountName: %s\n"
             "      automountServiceAccountToken: false\n      securityContext:\n"
             "        runAsNonRoot: true\n        runAsUser: %u\n        seccompProfile:\n"
             "          type: %s\n      containers:\n",
             seed % 40, kinds[seed % 4], app, seed, seed % 40, app, seed % 40, seed % 40,
             1 + seed % 5, app, app, app, 10000 + seed, flawed ? "Unconfined" : "RuntimeDefault");
  for (unsigned n = 0; n < 1 + seed % 3; n++)
    add_container(out, seed, n, flawed && n == 0);
  buf_add_text(out, "      volumes:\n      - name: tmp\n        emptyDir: {}\n"
                    "      - name: config\n        configMap:\n          name: settings\n");
}
