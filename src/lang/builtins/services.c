/* What reaches beyond the program: asked of the host's services, off without them. */
#include "lang/builtin_int.h"

static enum builtin_result switched_off(struct builtin_context *c)
{
  return builtin_fail(c, "switched off: policies may not use the network here");
}

/* Sorted. */
static const struct str request_keys[] = {
    STR_INIT("body"),
    STR_INIT("cache"),
    STR_INIT("cache_ignored_headers"),
    STR_INIT("caching_mode"),
    STR_INIT("enable_redirect"),
    STR_INIT("force_cache"),
    STR_INIT("force_cache_duration_seconds"),
    STR_INIT("force_json_decode"),
    STR_INIT("force_yaml_decode"),
    STR_INIT("headers"),
    STR_INIT("max_retry_attempts"),
    STR_INIT("method"),
    STR_INIT("raise_error"),
    STR_INIT("raw_body"),
    STR_INIT("timeout"),
    STR_INIT("tls_ca_cert"),
    STR_INIT("tls_ca_cert_env_variable"),
    STR_INIT("tls_ca_cert_file"),
    STR_INIT("tls_client_cert"),
    STR_INIT("tls_client_cert_env_variable"),
    STR_INIT("tls_client_cert_file"),
    STR_INIT("tls_client_key"),
    STR_INIT("tls_client_key_env_variable"),
    STR_INIT("tls_client_key_file"),
    STR_INIT("tls_insecure_skip_verify"),
    STR_INIT("tls_server_name"),
    STR_INIT("tls_use_system_certs"),
    STR_INIT("url"),
};

static bool is_request_key(struct value key)
{
  for (size_t i = 0; i < sizeof request_keys / sizeof *request_keys; i++)
    if (value_eq_str(key, request_keys[i]))
      return true;
  return false;
}

static enum builtin_result wrong_keys(struct builtin_context *c, const char *what,
                                      const struct builtin_array *keys)
{
  struct str text;
  if (builtin_term_text(c, value_set_make(c->arena, keys->items, keys->count), &text) !=
      BUILTIN_VALUE)
    return BUILTIN_ERROR;
  return builtin_fail_operand(c, "operand 1 %s request parameters(s): %.*s", what, STR_FMT(text));
}

bool builtin_check_request(struct builtin_context *c, struct value request)
{
  struct builtin_array unknown = {.arena = c->arena}, missing = {.arena = c->arena};
  for (uint32_t i = 0; i < request.len; i++)
    if (!is_request_key(request.members[i].key))
      builtin_push(&unknown, request.members[i].key);
  for (unsigned i = 0; i < 2; i++) {
    struct value key = value_from(i ? "url" : "method");
    if (value_get(request, key).type == VALUE_ABSENT)
      builtin_push(&missing, key);
  }
  if (unknown.count)
    wrong_keys(c, "invalid", &unknown);
  else if (missing.count)
    wrong_keys(c, "missing required", &missing);
  return !unknown.count && !missing.count;
}

CALL(http_send)
{
  const struct builtin_services *services = c->services;
  if (!builtin_want(c, args, 1, VALUE_OBJECT) || !builtin_check_request(c, args[0]))
    return BUILTIN_ERROR;
  if (!services || !services->http_send)
    return switched_off(c);
  return services->http_send(services->user, c, args[0], ret);
}

CALL(lookup_ip_addr)
{
  const struct builtin_services *services = c->services;
  struct str host;
  if (!builtin_want_string(c, args, 1, &host))
    return BUILTIN_ERROR;
  if (!services || !services->lookup_ip_addr)
    return switched_off(c);
  return services->lookup_ip_addr(services->user, c, host, ret);
}

const struct builtin builtins_services[] = {
    ROW(http_send, "http.send", 1, "object<string:any>", "object<any:any>",
        .flags = BUILTIN_NONDETERMINISTIC),
    ROW(lookup_ip_addr, "net.lookup_ip_addr", 1, "string", "set<string>",
        .flags = BUILTIN_NONDETERMINISTIC),
    {.name = NULL},
};
