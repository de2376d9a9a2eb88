/*
 * sample.h - a file with findings, for the tests of the report formats.
 */
#ifndef SEAWALL_TESTS_UNIT_REPORT_SAMPLE_H
#define SEAWALL_TESTS_UNIT_REPORT_SAMPLE_H

#include "report/report.h"

static const struct str sample_references[] = {
    STR_INIT("https://kubernetes.io/docs/concepts/security/pod-security-standards/"),
};

static const struct control sample_controls[] = {
    {STR_INIT("pss-baseline"), STR_INIT("host-namespaces")},
    {STR_INIT("nsa"), STR_INIT("2.1")},
};

static const struct rule sample_rule_host = {
    .id = STR_INIT("pss-host-namespaces"),
    .title = STR_INIT("Containers share the host's namespaces"),
    .why = STR_INIT("Whoever shares them sees the host's processes and network."),
    .remedy = STR_INIT("Remove hostNetwork, hostPID and hostIPC, or set them to false."),
    .severity = SEVERITY_HIGH,
    .references = sample_references,
    .reference_count = 1,
    .controls = sample_controls,
    .control_count = 2,
};

static const struct rule sample_rule_seccomp = {
    .id = STR_INIT("pss-seccomp"),
    .title = STR_INIT("No seccomp profile is set"),
    .why = STR_INIT("The kernel's rarely used system calls stay open."),
    .remedy = STR_INIT("Set it for the pod:\n  securityContext:\n    seccompProfile:\n"
                       "      type: RuntimeDefault"),
    .severity = SEVERITY_MEDIUM,
};

static const struct rule sample_rule_privileged = {
    .id = STR_INIT("pss-privileged"),
    .title = STR_INIT("Containers run privileged"),
    .severity = SEVERITY_CRITICAL,
};

static const char sample_text[] = "kind: Deployment\n"
                                  "metadata: {name: web, namespace: shop}\n"
                                  "spec:\n"
                                  "  template:\n"
                                  "    spec:\n"
                                  "      hostNetwork: true # for now\n"
                                  "      containers:\n"
                                  "      - name: app\n"
                                  "        image: \"app:1\"\n"
                                  "      - name: sidecar\n"
                                  "        securityContext: {privileged: true}\n";

static inline struct finding *sample_add(struct finding_list *list, const struct rule *rule,
                                         uint32_t line, uint32_t column, const char *container,
                                         const char *message)
{
  struct finding *f = finding_add(list, rule);
  f->subject = (struct subject){.api_version = STR("apps/v1"),
                                .kind = STR("Deployment"),
                                .namespace = STR("shop"),
                                .name = STR("web"),
                                .container = str_from(container)};
  f->location = (struct location){.file = STR("deploy/web.yaml"), .line = line, .column = column};
  f->message = str_from(message);
  finding_seal(f, STR_EMPTY);
  return f;
}

/* Five findings: critical, high, two medium of one object, and a high one that is excepted. */
static inline void sample_fill(struct finding_list *list)
{
  struct finding *f =
      sample_add(list, &sample_rule_host, 6, 20, "", "host namespaces (hostNetwork=true)");
  f->evidence = STR("true");
  f->location.pointer = STR("/spec/template/spec/hostNetwork");
  sample_add(list, &sample_rule_seccomp, 8, 15, "app",
             "container \"app\" must set securityContext.seccompProfile.type");
  sample_add(list, &sample_rule_seccomp, 10, 15, "sidecar",
             "container \"sidecar\" must set securityContext.seccompProfile.type");
  sample_add(list, &sample_rule_privileged, 11, 39, "sidecar", "privileged=true");
  f = sample_add(list, &sample_rule_host, 1, 1, "", "accepted");
  f->state = FINDING_EXCEPTED;
  f->exception_reason = STR("reads counters");
  f->exception_until = STR("2026-12-31");
  finding_list_distinguish(list);
}

static inline struct report_options sample_options(void)
{
  return (struct report_options){
      .target = STR("deploy"),
      .tool_version = STR("0.1.0"),
      .policy = STR("Pod Security Standards, restricted, latest"),
      .started = STR("2026-11-21T01:23:45Z"),
      .fail_on = SEVERITY_HIGH,
      .width = 80,
  };
}

/* Reports one file, an error and a skip into memory. The caller frees the sink. */
static inline void sample_report(struct sink *out, const char *format,
                                 const struct report_options *options,
                                 const struct finding_list *list)
{
  const struct report_error errors[] = {
      {STR("deploy/broken.yaml"), 3, 7, STR("a value is missing here")},
      {STR("deploy/secret.yaml"), 0, 0, STR("deploy/secret.yaml: cannot be opened: no access")},
  };
  const struct report_skip skips[] = {
      {STR("deploy/README.md"), 0, STR("not YAML or JSON, by its name")},
      {STR("deploy/web.yaml"), 40, STR("not a Kubernetes object: kind is missing")},
  };
  struct report_file file = {
      .path = STR("deploy/web.yaml"),
      .text = str_from(sample_text),
      .findings = list,
      .documents = 1,
      .objects = 1,
  };
  struct report_file broken = {.path = STR("deploy/broken.yaml"),
                               .errors = errors,
                               .error_count = 2,
                               .skips = skips,
                               .skip_count = 2};
  struct report_file clean = {.path = STR("deploy/clean.yaml"), .documents = 1, .objects = 1};
  struct report_summary summary = {.files = 3,
                                   .documents = 3,
                                   .objects = 2,
                                   .judged = 1,
                                   .errors = 2,
                                   .skipped = 2,
                                   .exceptions_unused = 1};
  finding_count(&summary.counts, list);
  summary.failing = finding_open_from(&summary.counts, options->fail_on);
  sink_to_memory(out, 1 << 20);
  _cleanup_(report_freep) struct report *r =
      report_new(report_format_find(str_from(format)), options, out);
  report_file(r, &file);
  report_file(r, &broken);
  report_file(r, &clean);
  assert_int_equal(report_end(r, &summary, NULL), 0);
}

#endif
