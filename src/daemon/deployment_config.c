/* The configuration of the server in the cluster. */
#include "daemon/deployment_int.h"

#include "crypto/digest.h"
#include "data/json_write.h"
#include "data/merge_patch.h"
#include "data/yaml_write.h"

/* The chart's values.yaml has the same under `config`. Four workers with 64 MiB of evaluation and tree
 * each, and all bodies under way, stay below the container's limit of memory. */
struct value deployment_config_base(struct arena *a)
{
  return OBJECT(a, {"apiVersion", TEXT("seawall.dev/v1")}, {"kind", TEXT("ServeConfig")},
                {"listen", OBJECT(a, {"address", TEXT("::")}, {"workers", NUMBER(4)})},
                {"tls", OBJECT(a, {"certificate", TEXT(DEPLOYMENT_DIR "/tls/tls.crt")},
                               {"key", TEXT(DEPLOYMENT_DIR "/tls/tls.key")})},
                {"limits", OBJECT(a, {"bodies", TEXT("64Mi")}, {"shutdownDelay", TEXT("5s")})},
                {"policies", OBJECT(a, {"paths", ARRAY(a, TEXT(DEPLOYMENT_DIR "/policies"))},
                                    {"memory", TEXT("32Mi")})},
                {"namespaces", OBJECT(a, {"source", TEXT("api")})},
                {"dataAPI", OBJECT(a, {"enabled", FALSE})},
                {"metrics", OBJECT(a, {"address", TEXT("::")})});
}

static bool is_loopback(const char *address)
{
  return strcmp(address, "::1") == 0 || strncmp(address, "127.", 4) == 0;
}

/* A file of the configuration must be one that is mounted. */
static int check_below(const char *key, struct str path, const char *directory, struct error *err)
{
  struct str dir = str_from(directory);
  if (str_starts(path, dir) && (path.len == dir.len || path.data[dir.len] == '/') &&
      str_find(path, 0, STR("..")) < 0)
    return 0;
  return error_set(err, SW_EINVAL, "%s: %.*s is not in the container; what is mounted lies in %s",
                   key, STR_FMT(path), directory);
}

static int check_files(const struct serve_config *c, struct error *err)
{
  for (size_t i = 0; i < c->policies.paths.count; i++)
    if (check_below("policies.paths", c->policies.paths.items[i], DEPLOYMENT_DIR "/policies", err) <
        0)
      return err->code;
  for (size_t i = 0; i < c->rules.paths.count; i++)
    if (check_below("rules.paths", c->rules.paths.items[i], DEPLOYMENT_DIR "/policies", err) < 0)
      return err->code;
  if (strcmp(c->tls.certificate ? c->tls.certificate : "", DEPLOYMENT_DIR "/tls/tls.crt") != 0 ||
      strcmp(c->tls.key ? c->tls.key : "", DEPLOYMENT_DIR "/tls/tls.key") != 0)
    return error_set(err, SW_EINVAL,
                     "tls: the certificate is mounted in " DEPLOYMENT_DIR
                     "/tls; leave tls.certificate and tls.key out");
  if (c->tls.client_ca &&
      check_below("tls.clientCA", str_from(c->tls.client_ca), DEPLOYMENT_DIR "/tls", err) < 0)
    return err->code;
  if (c->namespaces.kubeconfig || c->namespaces.context)
    return error_set(err, SW_EINVAL,
                     "namespaces: the pod's service account reaches the API server; leave "
                     "namespaces.kubeconfig and namespaces.context out");
  if (c->namespaces.source == SERVE_NAMESPACES_FILE)
    return check_below("namespaces.path", str_from(c->namespaces.path), DEPLOYMENT_DIR "/policies",
                       err);
  if (c->decision_log.enabled && strcmp(c->decision_log.path, "-") != 0)
    return error_set(
        err, SW_EINVAL,
        "decisionLog.path: the container's file system is read-only; leave it out to log to "
        "standard output");
  return 0;
}

static int check_reachable(const struct serve_config *c, struct error *err)
{
  if (is_loopback(c->listen.address))
    return error_set(err, SW_EINVAL, "listen.address: nobody reaches %s from outside of the pod",
                     c->listen.address);
  if (c->listen.port < 1024 || (c->metrics.address && c->metrics.port < 1024))
    return error_set(err, SW_EINVAL,
                     "listen.port, metrics.port: the container has no right to ports below 1024");
  if (c->metrics.enabled && c->metrics.address && c->metrics.port == c->listen.port)
    return error_set(err, SW_EINVAL, "metrics.port: %lld is listen.port",
                     (long long)c->metrics.port);
  if (c->tls.require_client)
    return error_set(
        err, SW_EINVAL,
        "tls.requireClient: kubelets have no certificate for their probes, so no pod would "
        "ever be ready");
  return 0;
}

static int render(struct deployment *d, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct digest digest = {0};
  int rc = json_write_canonical(&text, d->config, err);
  if (rc == 0)
    rc = digest_of(DIGEST_SHA256, buf_str(&text), &digest, err);
  if (rc < 0)
    return rc;
  d->config_digest = digest_hex(d->arena, &digest);
  buf_clear(&text);
  rc = yaml_write(&text, d->config, err);
  d->config_text = arena_copy(d->arena, buf_str(&text));
  return rc;
}

int deployment_config_read(struct deployment *d, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct serve_config *c = &d->checked;
  int rc = merge_patch_apply(d->arena, deployment_config_base(d->arena), d->options->config,
                             &d->config, err);
  if (rc < 0)
    return rc;
  json_write(&text, d->config, 2);
  rc = serve_config_read_text(c, buf_str(&text), err);
  if (rc == 0)
    rc = serve_config_finish(c, err);
  if (rc == 0)
    rc = check_files(c, err);
  if (rc == 0)
    rc = check_reachable(c, err);
  if (rc == 0)
    rc = render(d, err);
  d->asks_api = c->namespaces.source == SERVE_NAMESPACES_API;
  d->has_metrics = c->metrics.enabled && c->metrics.address;
  return rc < 0 ? error_wrap(err, "the configuration of the server") : 0;
}
