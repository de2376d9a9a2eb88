#include "kube/status.h"

#include "data/json_write.h"

struct str kube_status_reason(unsigned code)
{
  static const struct {
    unsigned code;
    struct str reason;
  } reasons[] = {
      {400, STR_INIT("BadRequest")},
      {401, STR_INIT("Unauthorized")},
      {403, STR_INIT("Forbidden")},
      {404, STR_INIT("NotFound")},
      {405, STR_INIT("MethodNotAllowed")},
      {406, STR_INIT("NotAcceptable")},
      {409, STR_INIT("Conflict")},
      {410, STR_INIT("Gone")},
      {413, STR_INIT("RequestEntityTooLarge")},
      {415, STR_INIT("UnsupportedMediaType")},
      {422, STR_INIT("Invalid")},
      {429, STR_INIT("TooManyRequests")},
      {500, STR_INIT("InternalError")},
      {503, STR_INIT("ServiceUnavailable")},
      {504, STR_INIT("Timeout")},
  };
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (reasons[i].code == code)
      return reasons[i].reason;
  return STR("Unknown");
}

void kube_status_write(struct buf *out, unsigned code, struct str message)
{
  buf_add(out,
          STR("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
              "\"message\":"));
  json_write_string(out, message);
  buf_add(out, STR(",\"reason\":"));
  json_write_string(out, kube_status_reason(code));
  buf_printf(out, ",\"code\":%u}\n", code);
}
