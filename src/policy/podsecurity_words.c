#include "policy/podsecurity_int.h"

#include "data/pointer.h"

#include <stdlib.h>

/* All offences of one check, and where the words go. */
struct words {
  const struct podsecurity_offence *items;
  size_t count;
  struct arena *arena;
  struct buf *out;
};

/* Texts, in order or sorted without repetition. */
struct list {
  struct str *items;
  size_t count;
};

static int compare_texts(const void *a, const void *b)
{
  return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static void sort_unique(struct list *l)
{
  size_t kept = 0;
  if (l->count > 1)
    qsort(l->items, l->count, sizeof *l->items, compare_texts);
  for (size_t i = 0; i < l->count; i++)
    if (kept == 0 || !str_eq(l->items[kept - 1], l->items[i]))
      l->items[kept++] = l->items[i];
  l->count = kept;
}

/* The names of the containers with an offence of the kind, each container once, in the order of the
 * visit. */
static struct list containers(const struct words *w, enum offence_kind kind)
{
  struct list l = {.items = arena_array(w->arena, struct str, w->count)};
  uint32_t last = 0;
  for (size_t i = 0; i < w->count; i++) {
    const struct podsecurity_offence *o = &w->items[i];
    if (!o->in_container || o->kind != kind || o->serial == last)
      continue;
    l.items[l.count++] = o->container.name;
    last = o->serial;
  }
  return l;
}

/* As containers, whatever the kind. */
static struct list all_containers(const struct words *w)
{
  struct list l = {.items = arena_array(w->arena, struct str, w->count)};
  uint32_t last = 0;
  for (size_t i = 0; i < w->count; i++) {
    const struct podsecurity_offence *o = &w->items[i];
    if (!o->in_container || o->serial == last)
      continue;
    l.items[l.count++] = o->container.name;
    last = o->serial;
  }
  return l;
}

/* The words of the offences of a kind, sorted, each once. */
static struct list values(const struct words *w, enum offence_kind kind)
{
  struct list l = {.items = arena_array(w->arena, struct str, w->count)};
  for (size_t i = 0; i < w->count; i++)
    if (w->items[i].kind == kind)
      l.items[l.count++] = w->items[i].word;
  sort_unique(&l);
  return l;
}

/* The names of the volumes, in order. */
static struct list volumes(const struct words *w)
{
  struct list l = {.items = arena_array(w->arena, struct str, w->count)};
  for (size_t i = 0; i < w->count; i++)
    l.items[l.count++] = w->items[i].volume;
  return l;
}

static bool has_kind(const struct words *w, enum offence_kind kind)
{
  for (size_t i = 0; i < w->count; i++)
    if (w->items[i].kind == kind)
      return true;
  return false;
}

static bool of_pod(const struct words *w)
{
  for (size_t i = 0; i < w->count; i++)
    if (!w->items[i].in_container && w->items[i].kind != OFFENCE_ANNOTATION)
      return true;
  return false;
}

static void add(const struct words *w, const char *text)
{
  buf_add_text(w->out, text);
}

/* Quotation marks around each, nothing escaped. */
static void add_quoted(const struct words *w, const struct list *l)
{
  for (size_t i = 0; i < l->count; i++) {
    add(w, i ? ", \"" : "\"");
    buf_add(w->out, l->items[i]);
    add(w, "\"");
  }
}

static void add_plain(const struct words *w, const struct list *l)
{
  for (size_t i = 0; i < l->count; i++) {
    if (i)
      add(w, ", ");
    buf_add(w->out, l->items[i]);
  }
}

/* "container" or "containers" and their names. */
static void add_counted(const struct words *w, const char *noun, const struct list *l)
{
  add(w, noun);
  add(w, l->count == 1 ? " " : "s ");
  add_quoted(w, l);
}

/* "pod and containers "a", "b"": who sets what must not be set. */
static void add_setters(const struct words *w, const struct list *names)
{
  bool pod = of_pod(w);
  if (pod)
    add(w, "pod");
  if (pod && names->count)
    add(w, " and ");
  if (names->count)
    add_counted(w, "container", names);
}

/* The writers below return how many values they name, for the number of the reason. */

static size_t word_app_armor(const struct words *w)
{
  struct list names = containers(w, OFFENCE_SET), types = values(w, OFFENCE_SET);
  struct list annotations = values(w, OFFENCE_ANNOTATION);
  add_setters(w, &names);
  if (annotations.count) {
    if (of_pod(w) || names.count)
      add(w, " and ");
    add(w, annotations.count == 1 ? "annotation" : "annotations");
  }
  add(w, " must not set AppArmor profile type to ");
  add_quoted(w, &types);
  if (types.count && annotations.count)
    add(w, ", ");
  add_quoted(w, &annotations);
  return types.count + annotations.count;
}

static void add_added_capabilities(const struct words *w)
{
  struct list names = containers(w, OFFENCE_SET), capabilities = values(w, OFFENCE_SET);
  add_counted(w, "container", &names);
  add(w, " must not include ");
  add_quoted(w, &capabilities);
  add(w, " in securityContext.capabilities.add");
}

static size_t word_capabilities_baseline(const struct words *w)
{
  add_added_capabilities(w);
  return 1;
}

static size_t word_capabilities_restricted(const struct words *w)
{
  struct list missing = containers(w, OFFENCE_MISSING);
  if (missing.count) {
    add_counted(w, "container", &missing);
    add(w, " must set securityContext.capabilities.drop=[\"ALL\"]");
  }
  if (has_kind(w, OFFENCE_SET)) {
    if (missing.count)
      add(w, "; ");
    add_added_capabilities(w);
  }
  return 1;
}

/* The words as they come: namespaces, sysctls. */
static size_t word_plain(const struct words *w)
{
  for (size_t i = 0; i < w->count; i++) {
    if (i)
      add(w, ", ");
    buf_add(w->out, w->items[i].word);
  }
  return w->count;
}

static size_t word_host_paths(const struct words *w)
{
  struct list names = volumes(w);
  add_counted(w, "volume", &names);
  return names.count;
}

static size_t word_host_ports(const struct words *w)
{
  struct list names = all_containers(w), ports = values(w, OFFENCE_SET);
  add_counted(w, "container", &names);
  add(w, names.count == 1 ? " uses " : " use ");
  add(w, ports.count == 1 ? "hostPort " : "hostPorts ");
  add_plain(w, &ports);
  return ports.count;
}

static size_t word_host_probes(const struct words *w)
{
  struct list names = all_containers(w), hosts = values(w, OFFENCE_SET);
  sort_unique(&names);
  add_counted(w, "container", &names);
  add(w, names.count == 1 ? " uses " : " use ");
  add(w, hosts.count == 1 ? "probe or lifecycle host " : "probe or lifecycle hosts ");
  add_quoted(w, &hosts);
  return hosts.count;
}

static size_t word_privileged(const struct words *w)
{
  struct list names = all_containers(w);
  add_counted(w, "container", &names);
  add(w, " must not set securityContext.privileged=true");
  return names.count;
}

static size_t word_proc_mount(const struct words *w)
{
  struct list names = all_containers(w), types = values(w, OFFENCE_SET);
  add_counted(w, "container", &names);
  add(w, " must not set securityContext.procMount to ");
  add_quoted(w, &types);
  return types.count;
}

static size_t word_se_linux(const struct words *w)
{
  struct list names = all_containers(w), types = values(w, OFFENCE_SET);
  const char *between = "";
  add_setters(w, &names);
  add(w, " set forbidden securityContext.seLinuxOptions: ");
  if (types.count) {
    add_counted(w, "type", &types);
    between = "; ";
  }
  if (has_kind(w, OFFENCE_USER)) {
    add(w, between);
    add(w, "user may not be set");
    between = "; ";
  }
  if (has_kind(w, OFFENCE_ROLE)) {
    add(w, between);
    add(w, "role may not be set");
  }
  return 1;
}

static size_t word_seccomp(const struct words *w)
{
  struct list annotations = values(w, OFFENCE_ANNOTATION);
  struct list names = containers(w, OFFENCE_SET), types = values(w, OFFENCE_SET);
  struct list missing = containers(w, OFFENCE_MISSING);
  if (annotations.count) {
    add(w, annotations.count == 1 ? "forbidden annotation " : "forbidden annotations ");
    add_plain(w, &annotations);
  } else if (has_kind(w, OFFENCE_SET)) {
    add_setters(w, &names);
    add(w, " must not set securityContext.seccompProfile.type to ");
    add_quoted(w, &types);
  } else {
    add(w, "pod or ");
    add_counted(w, "container", &missing);
    add(w, " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"");
  }
  return 1;
}

static size_t word_host_process(const struct words *w)
{
  struct list names = all_containers(w);
  add_setters(w, &names);
  add(w, " must not set securityContext.windowsOptions.hostProcess=true");
  return 1;
}

static size_t word_escalation(const struct words *w)
{
  struct list names = all_containers(w);
  add_counted(w, "container", &names);
  add(w, " must set securityContext.allowPrivilegeEscalation=false");
  return 1;
}

static size_t word_restricted_volumes(const struct words *w)
{
  struct list names = volumes(w), types = values(w, OFFENCE_SET);
  add_counted(w, "volume", &names);
  add(w, names.count == 1 ? " uses " : " use ");
  add(w, types.count == 1 ? "restricted volume type " : "restricted volume types ");
  add_quoted(w, &types);
  return types.count;
}

static size_t word_run_as_non_root(const struct words *w)
{
  struct list names = containers(w, OFFENCE_SET), missing = containers(w, OFFENCE_MISSING);
  if (has_kind(w, OFFENCE_SET)) {
    add_setters(w, &names);
    add(w, " must not set securityContext.runAsNonRoot=false");
  } else {
    add(w, "pod or ");
    add_counted(w, "container", &missing);
    add(w, " must set securityContext.runAsNonRoot=true");
  }
  return 1;
}

static size_t word_run_as_user(const struct words *w)
{
  struct list names = all_containers(w);
  add_setters(w, &names);
  add(w, " must not set runAsUser=0");
  return 1;
}

static const struct wording {
  const char *reason;
  const char *reasons; /* for several values; NULL: the same */
  size_t (*write)(const struct words *w);
} wordings[PODSECURITY_CHECK_COUNT] = {
    [PODSECURITY_APP_ARMOR_PROFILE] = {"forbidden AppArmor profile", "forbidden AppArmor profiles",
                                       word_app_armor},
    [PODSECURITY_CAPABILITIES_BASELINE] = {"non-default capabilities", NULL,
                                           word_capabilities_baseline},
    [PODSECURITY_HOST_NAMESPACES] = {"host namespaces", NULL, word_plain},
    [PODSECURITY_HOST_PATH_VOLUMES] = {"hostPath volumes", NULL, word_host_paths},
    [PODSECURITY_HOST_PORTS] = {"hostPort", NULL, word_host_ports},
    [PODSECURITY_HOST_PROBES_AND_LIFECYCLE] = {"probe or lifecycle host", NULL, word_host_probes},
    [PODSECURITY_PRIVILEGED_CONTAINERS] = {"privileged", NULL, word_privileged},
    [PODSECURITY_PROC_MOUNT] = {"procMount", NULL, word_proc_mount},
    [PODSECURITY_SE_LINUX_OPTIONS] = {"seLinuxOptions", NULL, word_se_linux},
    [PODSECURITY_SECCOMP_BASELINE] = {"seccompProfile", NULL, word_seccomp},
    [PODSECURITY_SYSCTLS] = {"forbidden sysctls", NULL, word_plain},
    [PODSECURITY_WINDOWS_HOST_PROCESS] = {"hostProcess", NULL, word_host_process},
    [PODSECURITY_ALLOW_PRIVILEGE_ESCALATION] = {"allowPrivilegeEscalation != false", NULL,
                                                word_escalation},
    [PODSECURITY_CAPABILITIES_RESTRICTED] = {"unrestricted capabilities", NULL,
                                             word_capabilities_restricted},
    [PODSECURITY_PROC_MOUNT_RESTRICTED] = {"procMount", NULL, word_proc_mount},
    [PODSECURITY_RESTRICTED_VOLUMES] = {"restricted volume types", NULL, word_restricted_volumes},
    [PODSECURITY_RUN_AS_NON_ROOT] = {"runAsNonRoot != true", NULL, word_run_as_non_root},
    [PODSECURITY_RUN_AS_USER] = {"runAsUser=0", NULL, word_run_as_user},
    [PODSECURITY_SECCOMP_RESTRICTED] = {"seccompProfile", NULL, word_seccomp},
};

struct podsecurity_violation podsecurity_words(const struct podsecurity_offence *offences,
                                               size_t count, struct arena *arena)
{
  _cleanup_(buf_free) struct buf out = {0};
  struct words w = {offences, count, arena, &out};
  const struct wording *wording = &wordings[offences[0].check];
  size_t named = wording->write(&w);
  return (struct podsecurity_violation){
      .check = offences[0].check,
      .reason = str_from(named != 1 && wording->reasons ? wording->reasons : wording->reason),
      .detail = arena_copy(arena, buf_str(&out)),
  };
}

/* Steps that are numbers in brackets, others behind dots. */
static void write_dotted(struct buf *out, struct str pointer)
{
  struct str rest = pointer, token;
  uint32_t index;
  size_t start = out->len;
  while (pointer_next(&rest, &token)) {
    if (pointer_index(token, &index)) {
      buf_printf(out, "[%u]", index);
      continue;
    }
    if (out->len > start)
      buf_add_byte(out, '.');
    pointer_unescape(out, token);
  }
}

void podsecurity_fault_write(struct buf *out, const struct podsecurity_offence *fault)
{
  write_dotted(out, fault->path);
  if (value_is(fault->value, VALUE_NUMBER) && str_starts(fault->what, STR("a whole number")))
    buf_printf(out, " must be %.*s", STR_FMT(fault->what));
  else
    buf_printf(out, " is %s, must be %.*s", kube_type_with_article(fault->value),
               STR_FMT(fault->what));
}
