/* Names: what the file of an archive, its manifest and its properties say of what it is. */
#include "scan/language/java_int.h"
#include "scan/language/language_add_int.h"

/* ---- lines of manifests and properties */

/* A line ends with CR, LF or both; a manifest's goes on behind the next line's first space. */
static struct str cut_line(struct str *io_rest)
{
  struct str s = *io_rest;
  size_t i = 0;
  while (i < s.len && s.data[i] != '\n' && s.data[i] != '\r')
    i++;
  size_t next = i;
  if (next < s.len)
    next += s.data[next] == '\r' && next + 1 < s.len && s.data[next + 1] == '\n' ? 2 : 1;
  *io_rest = str_sub(s, next, SIZE_MAX);
  return str_sub(s, 0, i);
}

/* Values like "%bundleName" and "${project.version}" wait for somebody who fills them in. */
static struct str usable(struct str value)
{
  value = str_trim(value);
  if (str_starts(value, STR("%")) || str_find(value, 0, STR("${")) >= 0 ||
      str_find(value, 0, STR("@")) == 0)
    return STR_EMPTY;
  return value;
}

static void take_attribute(struct arena *arena, struct java_manifest *m, struct str line)
{
  const struct {
    struct str name;
    struct str *value;
  } known[] = {
      {STR("Implementation-Title"), &m->implementation_title},
      {STR("Implementation-Version"), &m->implementation_version},
      {STR("Implementation-Vendor-Id"), &m->implementation_vendor_id},
      {STR("Specification-Version"), &m->specification_version},
      {STR("Bundle-SymbolicName"), &m->bundle_symbolic_name},
      {STR("Bundle-Version"), &m->bundle_version},
      {STR("Bundle-License"), &m->bundle_license},
      {STR("Automatic-Module-Name"), &m->automatic_module_name},
      {STR("Group-Id"), &m->group_id},
      {STR("Artifact-Id"), &m->artifact_id},
      {STR("Short-Name"), &m->short_name},
      {STR("Plugin-Version"), &m->plugin_version},
      {STR("Plugin-License-Name"), &m->bundle_license},
  };
  struct str value, name = str_cut(line, ':', &value);
  for (size_t i = 0; value.data && i < sizeof known / sizeof known[0]; i++)
    if (str_eq_nocase(name, known[i].name)) {
      value = usable(value);
      if (known[i].value->len == 0 && value.len && value.len <= PACKAGE_NAME_MAX)
        *known[i].value = arena_copy(arena, value);
      return;
    }
}

void java_manifest_read(struct arena *arena, struct str bytes, struct java_manifest *ret)
{
  _cleanup_(buf_free) struct buf line = {0};
  *ret = (struct java_manifest){.group_id = STR_EMPTY};
  while (bytes.len) {
    struct str piece = cut_line(&bytes);
    if (!piece.len)
      break; /* what follows is about single files */
    if (piece.data[0] == ' ') {
      buf_add(&line, str_sub(piece, 1, SIZE_MAX));
      continue;
    }
    take_attribute(arena, ret, buf_str(&line));
    buf_clear(&line);
    buf_add(&line, piece);
  }
  take_attribute(arena, ret, buf_str(&line));
  struct str rest;
  ret->bundle_symbolic_name = str_trim(str_cut(ret->bundle_symbolic_name, ';', &rest));
}

/* "name=value", "name : value" and "name value", as java.util.Properties reads them. */
static struct str cut_property(struct str line, struct str *ret_value)
{
  size_t end = 0;
  while (end < line.len && !strchr("=: \t\f", line.data[end]))
    end++;
  struct str rest = str_trim(str_sub(line, end, SIZE_MAX));
  bool sign = rest.len && (rest.data[0] == '=' || rest.data[0] == ':');
  *ret_value = str_sub(rest, sign, SIZE_MAX);
  return str_sub(line, 0, end);
}

void java_properties_read(struct arena *arena, struct str bytes, struct java_coordinates *ret)
{
  *ret = (struct java_coordinates){STR_EMPTY, STR_EMPTY, STR_EMPTY};
  while (bytes.len) {
    struct str value, name = cut_property(str_trim(cut_line(&bytes)), &value);
    value = usable(value);
    if (!value.len || value.len > PACKAGE_NAME_MAX)
      continue;
    if (str_eq(name, STR("groupId")))
      ret->group = arena_copy(arena, value);
    else if (str_eq(name, STR("artifactId")))
      ret->artifact = arena_copy(arena, value);
    else if (str_eq(name, STR("version")))
      ret->version = arena_copy(arena, value);
  }
}

/* ---- names of files */

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Words that stand inside versions. */
static bool is_qualifier(struct str part)
{
  static const struct str words[] = {
      STR_INIT("alpha"),  STR_INIT("beta"),      STR_INIT("rc"),       STR_INIT("cr"),
      STR_INIT("m"),      STR_INIT("b"),         STR_INIT("snapshot"), STR_INIT("final"),
      STR_INIT("ga"),     STR_INIT("release"),   STR_INIT("jre"),      STR_INIT("android"),
      STR_INIT("sp"),     STR_INIT("redhat"),    STR_INIT("build"),    STR_INIT("incubating"),
      STR_INIT("jdk"),    STR_INIT("milestone"), STR_INIT("fuse"),     STR_INIT("temp"),
      STR_INIT("hadoop"), STR_INIT("cdh"),       STR_INIT("mr"),       STR_INIT("preview"),
      STR_INIT("pre"),    STR_INIT("ea"),        STR_INIT("dev"),      STR_INIT("nightly"),
  };
  struct str rest, word = str_cut(part, '.', &rest);
  while (word.len && is_digit(word.data[word.len - 1]))
    word.len--;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (str_eq_nocase(word, words[i]))
      return true;
  return false;
}

static struct str without_ending(struct str name)
{
  ptrdiff_t dot = str_find_last_byte(name, '.');
  return dot > 0 ? str_sub(name, 0, (size_t)dot) : name;
}

/*
 * The version begins at a part that begins with a digit; if a word that no version has, and another such part,
 * follow ("log4j-1.2-api-2.17.1"), at that one.
 */
void java_name_split(struct str name, struct str *ret_artifact, struct str *ret_version)
{
  size_t version = 0;
  bool word_since = false;
  name = without_ending(name);
  for (size_t at = 0; at < name.len;) {
    ptrdiff_t dash = str_find_byte(name, at, '-');
    size_t end = dash < 0 ? name.len : (size_t)dash;
    struct str part = str_sub(name, at, end - at);
    if (at && part.len && is_digit(part.data[0])) {
      if (!version || word_since)
        version = at;
      word_since = false;
    } else if (version && !is_qualifier(part)) {
      word_since = true;
    }
    at = end + 1;
  }
  *ret_artifact = version ? str_sub(name, 0, version - 1) : name;
  *ret_version = version ? str_sub(name, version, SIZE_MAX) : STR_EMPTY;
}

/* ---- archives without pom.properties */

static bool looks_like_group(struct str text)
{
  if (!text.len || str_find_byte(text, 0, '.') <= 0 || text.data[text.len - 1] == '.')
    return false;
  for (size_t i = 0; i < text.len; i++)
    if (!(text.data[i] >= 'a' && text.data[i] <= 'z') && !is_digit(text.data[i]) &&
        !strchr("._-", text.data[i]))
      return false;
  return true;
}

static struct str without_last_part(struct str name)
{
  ptrdiff_t dot = str_find_last_byte(name, '.');
  return dot > 0 ? str_sub(name, 0, (size_t)dot) : STR_EMPTY;
}

static struct str find_group(const struct java_manifest *m, struct str artifact)
{
  if (m->group_id.len)
    return m->group_id;
  struct str known = java_group_of(artifact);
  if (known.len)
    return known;
  struct str bundle = without_last_part(m->bundle_symbolic_name);
  ptrdiff_t cut = (ptrdiff_t)m->bundle_symbolic_name.len - (ptrdiff_t)artifact.len - 1;
  if (cut > 0 && str_ends(m->bundle_symbolic_name, artifact) &&
      m->bundle_symbolic_name.data[cut] == '.')
    return str_sub(m->bundle_symbolic_name, 0, (size_t)cut);
  if (looks_like_group(m->implementation_vendor_id))
    return m->implementation_vendor_id;
  if (looks_like_group(bundle))
    return bundle;
  struct str module = without_last_part(m->automatic_module_name);
  return looks_like_group(module) ? module : artifact;
}

static struct str first_of(const struct str *texts, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (texts[i].len)
      return texts[i];
  return STR_EMPTY;
}

/* "4.1.100.Final-linux-x86_64" is 4.1.100.Final, if the manifest says so. */
static struct str without_classifier(struct str version, struct str said)
{
  bool longer = said.len && str_starts(version, said) && version.len > said.len;
  return longer && version.data[said.len] == '-' ? said : version;
}

static bool is_name(struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    if ((unsigned char)text.data[i] <= ' ' || strchr("/\\:@", text.data[i]))
      return false;
  return text.len > 0;
}

bool java_identify(struct str file_name, const struct java_manifest *manifest,
                   struct java_coordinates *ret)
{
  struct str artifact, version;
  java_name_split(file_name, &artifact, &version);
  const struct str said[] = {manifest->implementation_version, manifest->plugin_version,
                             manifest->bundle_version, manifest->specification_version};
  bool by_name = version.len > 0;
  for (size_t i = 0; by_name && i < 3; i++)
    version = without_classifier(version, said[i]);
  if (!by_name)
    version = first_of(said, sizeof said / sizeof said[0]);
  const struct str plugin[] = {manifest->artifact_id, manifest->short_name};
  struct str named = first_of(plugin, 2);
  if (named.len)
    artifact = named;
  else if (!by_name && is_name(manifest->implementation_title) && !java_group_of(artifact).len &&
           manifest->implementation_version.len)
    artifact = manifest->implementation_title;
  if (!is_name(artifact) || !is_name(version))
    return false;
  *ret = (struct java_coordinates){find_group(manifest, artifact), artifact, version};
  return is_name(ret->group);
}

int java_add(struct package_list *list, struct package *p, const struct java_coordinates *c,
             struct arena *arena, struct error *err)
{
  struct purl purl = {.name_space = c->group, .name = c->artifact};
  if (!c->group.len || !c->artifact.len)
    return error_set(err, SW_EINVAL, "the group or the name of a package is missing");
  if (str_find_byte(c->group, 0, '\0') >= 0 || str_find_byte(c->artifact, 0, '\0') >= 0)
    return error_set(err, SW_EINVAL, "the name of the package holds the byte 0x00");
  p->type = PACKAGE_MAVEN;
  p->name = arena_printf(arena, "%.*s:%.*s", STR_FMT(c->group), STR_FMT(c->artifact));
  return language_add(list, p, c->version, &purl, err);
}
