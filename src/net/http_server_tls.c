#include "net/http_server_int.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

/* TLS 1.2 and 1.3; in 1.2 only ephemeral elliptic curves and authenticated encryption. */
const char http_tls_priorities[] =
    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AEAD:"
    "+ECDHE-ECDSA:+ECDHE-RSA:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1:"
    "+SIGN-ALL:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:-SIGN-DSA-SHA1:+COMP-NULL:+CTYPE-X509:"
    "%SERVER_PRECEDENCE";

static gnutls_datum_t datum(struct str s)
{
  return (gnutls_datum_t){(unsigned char *)(uintptr_t)s.data, (unsigned)s.len};
}

static struct http_connection *connection_of(gnutls_session_t session)
{
  /* libmicrohttpd keeps its own connection there. */
  return http_connection_of(gnutls_session_get_ptr(session));
}

/* Who the client is, out of a certificate that has been verified. */
static int read_client(struct http_connection *c, const gnutls_datum_t *der)
{
  struct x509_list list;
  if (x509_parse(&c->arena, str_make((const char *)der->data, der->size), &list, NULL) < 0)
    return -1;
  const struct x509_subject *subject = &list.items[0].subject;
  struct http_client_name *client = arena_zalloc(&c->arena, 1, sizeof *client);
  client->subject = subject->name.text;
  client->names = subject->names;
  client->not_after = list.items[0].not_after;
  client->groups = arena_array(&c->arena, struct str, subject->name.count + 1);
  for (size_t i = 0; i < subject->name.count; i++) {
    const struct x509_attribute *attribute = &subject->name.items[i];
    if (str_eq(attribute->oid, STR("2.5.4.3")))
      client->common_name = attribute->value;
    else if (str_eq(attribute->oid, STR("2.5.4.10")))
      client->groups[client->group_count++] = attribute->value;
  }
  c->client = client;
  return 0;
}

/* Called in the handshake when the client has sent a certificate, or should have. */
static int verify_client(gnutls_session_t session)
{
  struct http_connection *c = connection_of(session);
  unsigned count = 0, status = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
  if (!chain || !count)
    return c->server->options.require_client ? GNUTLS_E_CERTIFICATE_REQUIRED : 0;
  gnutls_typed_vdata_st purpose = {
      .type = GNUTLS_DT_KEY_PURPOSE_OID,
      .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT,
  };
  if (gnutls_certificate_verify_peers(session, &purpose, 1, &status) < 0 || status != 0)
    return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
  return read_client(c, &chain[0]) < 0 ? GNUTLS_E_CERTIFICATE_ERROR : 0;
}

static int fail(struct error *err, const char *what, int code)
{
  return error_set(err, SW_EINVAL, "%s: %s", what, gnutls_strerror(code));
}

static int fill(gnutls_certificate_credentials_t to, const struct tls_material *material,
                struct error *err)
{
  gnutls_datum_t chain = datum(material->chain), key = datum(material->key);
  int rc = gnutls_certificate_set_x509_key_mem2(to, &chain, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
  if (rc < 0)
    return fail(err, "the certificate cannot be used for TLS", rc);
  if (!material->client_ca.len)
    return 0;
  gnutls_datum_t ca = datum(material->client_ca);
  rc = gnutls_certificate_set_x509_trust_mem(to, &ca, GNUTLS_X509_FMT_PEM);
  if (rc <= 0)
    return fail(err, "the client CA cannot be used for TLS", rc);
  gnutls_certificate_set_verify_function(to, verify_client);
  return 0;
}

int http_credentials_make(const struct http_server *server, const struct tls_material *material,
                          struct http_credentials **ret, struct error *err)
{
  gnutls_certificate_credentials_t certificate;
  if (gnutls_certificate_allocate_credentials(&certificate) < 0)
    mem_exhausted(0);
  int rc = fill(certificate, material, err);
  if (rc < 0) {
    gnutls_certificate_free_credentials(certificate);
    return rc;
  }
  struct http_credentials *credentials = mem_zalloc(1, sizeof *credentials);
  atomic_init(&credentials->holders, 1);
  credentials->certificate = certificate;
  credentials->asks = material->client_ca.len > 0;
  *ret = credentials;
  return 0;
}

void http_credentials_drop(struct http_credentials *credentials)
{
  if (!credentials || atomic_fetch_sub(&credentials->holders, 1) != 1)
    return;
  gnutls_certificate_free_credentials(credentials->certificate);
  mem_free(credentials);
}

/* The client's Finished is the end of a handshake. */
static int handshake_done(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                          const gnutls_datum_t *message)
{
  if (!incoming)
    return 0;
  struct http_connection *c = connection_of(session);
  atomic_fetch_add_explicit(&c->server->workers[c->worker].handshakes, 1, memory_order_relaxed);
  http_connection_enter(c, HTTP_WAITING, http_now());
  return 0;
}

void http_tls_begin(struct http_connection *c, struct MHD_Connection *mhd)
{
  gnutls_session_t session =
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session;
  /* In place of libmicrohttpd's, which cannot be exchanged while it runs. */
  gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, c->credentials->certificate);
  if (c->credentials->asks)
    gnutls_certificate_server_set_request(
        session, c->server->options.require_client ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
  gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST,
                                     handshake_done);
}

/* libmicrohttpd wants some certificate of its own; none is ever taken from here. */
int http_tls_no_certificate(gnutls_session_t session, const gnutls_datum_t *names, int name_count,
                            const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
                            gnutls_pcert_st **ret_certificates, unsigned *ret_count,
                            gnutls_privkey_t *ret_key)
{
  return -1;
}

static void tell(struct http_server *server, enum http_server_event event, const char *message)
{
  if (server->options.event)
    server->options.event(server->options.event_context, event, message);
}

static void tls_failed(struct http_server *server, const struct error *err)
{
  if (strcmp(server->tls_failure, err->message) == 0)
    return;
  snprintf(server->tls_failure, sizeof server->tls_failure, "%s", err->message);
  atomic_fetch_add_explicit(&server->tls_failures, 1, memory_order_relaxed);
  tell(server, HTTP_TLS_FAILED, err->message);
}

void http_tls_poll(struct http_server *server)
{
  struct error err;
  bool changed = false;
  if (tls_files_poll(server->options.tls, &changed, &err) < 0) {
    tls_failed(server, &err);
    return;
  }
  if (!changed)
    return;
  const struct tls_material *material = tls_files_current(server->options.tls);
  struct http_credentials *fresh;
  if (http_credentials_make(server, material, &fresh, &err) < 0) {
    tls_failed(server, &err);
    return;
  }
  pthread_mutex_lock(&server->lock);
  struct http_credentials *old = server->credentials;
  server->credentials = fresh;
  pthread_mutex_unlock(&server->lock);
  http_credentials_drop(old);
  server->tls_failure[0] = 0;
  atomic_store(&server->tls_not_after, material->not_after);
  atomic_fetch_add_explicit(&server->tls_changes, 1, memory_order_relaxed);
  char until[CLOCK_TEXT], message[ERROR_MESSAGE_MAX];
  snprintf(message, sizeof message, "the certificate is now that of \"%.*s\", valid until %.*s",
           STR_FMT(str_sub(material->subject, 0, 200)),
           STR_FMT(clock_format(material->not_after, until)));
  tell(server, HTTP_TLS_CHANGED, message);
}
