#include "../test.h"

#include "scan/language/java.h"
#include "zip_make.h"

struct pieces {
  struct str bytes;
  size_t at;
};

static int read_pieces(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct pieces *p = ctx;
  (void)err;
  struct str piece = str_sub(p->bytes, p->at, room < 100000 ? room : 100000);
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  p->at += piece.len;
  *ret_got = piece.len;
  return 0;
}

struct scanned {
  struct arena arena;
  struct package_list list;
  struct error err;
  int rc;
};

static void start(struct scanned *s, unsigned flags)
{
  arena_init(&s->arena, 0);
  package_list_init(&s->list, &s->arena, flags);
  s->err.message[0] = 0;
}

static void scan_as(struct scanned *s, const char *path, struct str bytes, uint64_t size)
{
  struct pieces pieces = {.bytes = bytes};
  const struct oci_input input = {read_pieces, &pieces};
  const struct analyser_file file = {
      .path = str_from(path), .mode = 0644, .layer = 1, .size = size};
  start(s, 0);
  s->rc = java_stream(&file, &input, &s->list, &s->err);
}

static void scan(struct scanned *s, const char *path, struct zip_made *made)
{
  scan_as(s, path, buf_str(&made->bytes), made->bytes.len);
}

static void lock(struct scanned *s, const char *path, const char *text, unsigned flags)
{
  start(s, flags);
  s->rc = java_lock_read(str_from(path), 1, str_from(text), &s->list, &s->err);
}

static void scanned_free(struct scanned *s)
{
  package_list_free(&s->list);
  arena_free(&s->arena);
}

/* "name version, name version" in the order of the list. */
static void assert_packages(struct scanned *s, const char *expected)
{
  struct buf out = {0};
  for (size_t i = 0; i < s->list.count; i++)
    buf_printf(&out, "%s%.*s %.*s", i ? ", " : "", STR_FMT(s->list.items[i].name),
               STR_FMT(s->list.items[i].version.text));
  assert_str(buf_str(&out), expected);
  buf_free(&out);
}

static void add_properties(struct zip_made *made, const char *group, const char *artifact,
                           const char *version)
{
  char path[256], text[512];
  snprintf(path, sizeof path, "META-INF/maven/%s/%s/pom.properties", group, artifact);
  snprintf(text, sizeof text, "#Generated\r\ngroupId=%s\r\nartifactId = %s\nversion:%s\n", group,
           artifact, version);
  zip_add(made, path, str_from(text), ZIP_DEFLATED | ZIP_DESCRIBED);
}

static void add_manifest(struct zip_made *made, const char *text)
{
  zip_add(made, "META-INF/MANIFEST.MF", str_from(text), ZIP_DEFLATED);
}

/* A jar with one set of properties. */
static void make_jar(struct zip_made *made, const char *group, const char *artifact,
                     const char *version)
{
  add_properties(made, group, artifact, version);
  zip_add(made, "a/B.class", STR("\xca\xfe\xba\xbe"), ZIP_DEFLATED | ZIP_DESCRIBED);
  zip_end(made);
}

static void reads_properties(void **state)
{
  (void)state;
  struct zip_made made = {0};
  struct scanned s;
  add_properties(&made, "org.apache.logging.log4j", "log4j-core", "2.14.1");
  zip_add(&made, "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.xml",
          STR("<project><parent><groupId>org.apache.logging.log4j</groupId></parent>"
              "<artifactId>log4j-core</artifactId><licenses><license><name>Apache-2.0</name>"
              "</license><license><name>MIT</name></license></licenses></project>"),
          ZIP_DEFLATED);
  zip_end(&made);
  scan(&s, "app/lib/log4j-core-2.14.1.jar", &made);
  assert_int_equal(s.rc, 0);
  assert_packages(&s, "org.apache.logging.log4j:log4j-core 2.14.1");
  const struct package *p = &s.list.items[0];
  assert_int_equal(p->type, PACKAGE_MAVEN);
  assert_str(p->purl, "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1");
  assert_str(p->path, "app/lib/log4j-core-2.14.1.jar");
  assert_str(p->license, "Apache-2.0, MIT");
  assert_int_equal(p->layer, 1);
  assert_true(str_starts(p->digest, STR("sha1:")));
  assert_int_equal(p->digest.len, 45);
  struct str digest = p->digest;
  struct scanned flowing; /* the same, too large to be held */
  scan_as(&flowing, "app/lib/log4j-core-2.14.1.jar", buf_str(&made.bytes), 100 << 20);
  assert_int_equal(flowing.rc, 0);
  assert_packages(&flowing, "org.apache.logging.log4j:log4j-core 2.14.1");
  assert_true(str_eq(flowing.list.items[0].digest, digest));
  scanned_free(&flowing);
  scanned_free(&s);
  zip_made_free(&made);
}

static void knows_the_digest_of_a_file(void **state)
{
  (void)state;
  struct scanned s;
  /* An archive with nothing in it, whose digest is known: 22 bytes. */
  struct zip_made made = {0};
  zip_end(&made);
  scan(&s, "a-1.0.jar", &made);
  assert_int_equal(s.rc, 0);
  assert_packages(&s, "a:a 1.0");
  assert_str(s.list.items[0].digest, "sha1:b04f3ee8f5e43fa3b162981b50bb72fe1acabb33");
  scanned_free(&s);
  zip_made_free(&made);
}

static void reads_shaded_archives(void **state)
{
  (void)state;
  struct zip_made made = {0};
  struct scanned s;
  add_properties(&made, "com.google.guava", "guava", "31.1-jre");
  add_properties(&made, "com.example", "app", "3.0");
  add_properties(&made, "org.slf4j", "slf4j-api", "1.7.30");
  add_properties(&made, "org.bad", "unfilled", "${project.version}");
  add_properties(&made, "org.slf4j", "slf4j-api", "1.7.30");
  zip_end(&made);
  scan(&s, "opt/app-3.0-all.jar", &made);
  assert_int_equal(s.rc, 0);
  assert_packages(&s, "com.google.guava:guava 31.1-jre, com.example:app 3.0, "
                      "org.slf4j:slf4j-api 1.7.30");
  assert_true(str_eq(s.list.items[0].digest, s.list.items[2].digest));
  scanned_free(&s);
  zip_made_free(&made);
}

static void identifies_archives(void **state)
{
  (void)state;
  static const struct {
    const char *name, *manifest, *package;
  } cases[] = {
      {"spring-core-5.3.1.jar", "Implementation-Title: spring-core\n",
       "org.springframework:spring-core 5.3.1"},
      {"commons-io-2.11.0.jar", "Bundle-SymbolicName: org.apache.commons.io\n",
       "commons-io:commons-io 2.11.0"},
      {"log4j-1.2.17.jar", "", "log4j:log4j 1.2.17"},
      {"log4j-1.2-api-2.17.1.jar", "Implementation-Vendor-Id: org.apache.logging.log4j\n",
       "org.apache.logging.log4j:log4j-1.2-api 2.17.1"},
      {"jackson-databind-2.9.1.jar",
       "Bundle-SymbolicName: com.fasterxml.jackson.core.jackson-da\n tabind;singleton:=true\n",
       "com.fasterxml.jackson.core:jackson-databind 2.9.1"},
      {"netty-transport-native-epoll-4.1.100.Final-linux-x86_64.jar",
       "Bundle-SymbolicName: io.netty.transport-native-epoll\r\nImplementation-Version: 4.1.100.Final\r\n",
       "io.netty:netty-transport-native-epoll 4.1.100.Final"},
      {"guava-31.1-jre.jar", "", "com.google.guava:guava 31.1-jre"},
      {"foo-1.0-SNAPSHOT.jar", "", "foo:foo 1.0-SNAPSHOT"},
      {"bar.jar",
       "Implementation-Title: bar\nImplementation-Version: 2.0\nImplementation-Vendor-Id: org.bar\n",
       "org.bar:bar 2.0"},
      {"bar.jar",
       "Implementation-Title: The Bar Project\nBundle-Version: 2.0.0\nBundle-SymbolicName: org.bar.bar\n",
       "org.bar:bar 2.0.0"},
      {"git.hpi", "Group-Id: org.jenkins-ci.plugins\nShort-Name: git\nPlugin-Version: 4.7.1\n",
       "org.jenkins-ci.plugins:git 4.7.1"},
      {"bar.jar", "Main-Class: Bar\n\nName: a/b\nImplementation-Version: 9\n", ""},
      {"bar.jar", "Implementation-Version: ${version}\n", ""},
      {"bar.jar", "", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct zip_made made = {0};
    struct scanned s;
    char path[256];
    snprintf(path, sizeof path, "lib/%s", cases[i].name);
    add_manifest(&made, cases[i].manifest);
    zip_end(&made);
    scan(&s, path, &made);
    assert_int_equal(s.rc, 0);
    assert_packages(&s, cases[i].package);
    scanned_free(&s);
    zip_made_free(&made);
  }
}

static void prefers_properties_to_names(void **state)
{
  (void)state;
  struct zip_made made = {0};
  struct scanned s;
  add_manifest(&made, "Implementation-Title: x\nImplementation-Version: 9\n");
  add_properties(&made, "org.a", "a", "1.0");
  zip_end(&made);
  scan(&s, "a.jar", &made); /* a name without a version */
  assert_packages(&s, "org.a:a 1.0");
  scanned_free(&s);
  scan(&s, "renamed.jar", &made);
  assert_packages(&s, "org.a:a 1.0");
  scanned_free(&s);
  scan(&s, "other-2.5.jar", &made); /* what it holds is not what it is */
  assert_packages(&s, "org.a:a 1.0, other:other 2.5");
  scanned_free(&s);
  zip_made_free(&made);
}

/* As java.util.Properties reads them: spaces divide, too, and the first sign only. */
static void reads_properties_without_signs(void **state)
{
  (void)state;
  struct zip_made made = {0};
  struct scanned s;
  zip_add(&made, "META-INF/maven/org.a/a/pom.properties",
          STR("! a remark\n  groupId\torg.a\nartifactId  :a\nversion 1:2=3\nversions 4\n"),
          ZIP_DEFLATED);
  zip_end(&made);
  scan(&s, "a.jar", &made);
  assert_packages(&s, "org.a:a 1:2=3");
  scanned_free(&s);
  zip_made_free(&made);
}

static void reads_archives_in_archives(void **state)
{
  (void)state;
  for (int flowing = 0; flowing < 2; flowing++)
    for (unsigned how = 0; how < 4; how += how == 1 ? 2 : 1) {
      struct zip_made jar = {0}, war = {0}, ear = {0};
      struct scanned s;
      make_jar(&jar, "org.a", "a", "1.0");
      zip_add(&war, "WEB-INF/classes/x.class", STR("x"), ZIP_DEFLATED | ZIP_DESCRIBED);
      zip_add(&war, "WEB-INF/lib/a-1.0.jar", buf_str(&jar.bytes), how);
      zip_add(&war, "WEB-INF/lib/b-2.0.JAR", STR(""), ZIP_STORED);
      add_properties(&war, "org.w", "w", "3.0");
      zip_end(&war);
      zip_add(&ear, "w.war", buf_str(&war.bytes), how);
      add_manifest(&ear, "Implementation-Title: e\n");
      zip_end(&ear);
      scan_as(&s, "opt/e-4.0.ear", buf_str(&ear.bytes), flowing ? 1 << 30 : ear.bytes.len);
      assert_int_equal(s.rc, 0);
      assert_packages(&s, "org.a:a 1.0, org.w:w 3.0, e:e 4.0");
      assert_str(s.list.items[0].path, "opt/e-4.0.ear!w.war!WEB-INF/lib/a-1.0.jar");
      assert_str(s.list.items[1].path, "opt/e-4.0.ear!w.war");
      assert_str(s.list.items[2].path, "opt/e-4.0.ear");
      struct scanned alone;
      scan(&alone, "a-1.0.jar", &jar);
      assert_true(str_eq(alone.list.items[0].digest, s.list.items[0].digest));
      assert_false(str_eq(s.list.items[1].digest, s.list.items[0].digest));
      scanned_free(&alone);
      scanned_free(&s);
      zip_made_free(&jar);
      zip_made_free(&war);
      zip_made_free(&ear);
    }
}

static void stops_a_hundred_deep(void **state)
{
  (void)state;
  struct zip_made inner = {0};
  struct scanned s;
  make_jar(&inner, "org.deep", "deep", "1.0");
  for (int i = 0; i < 100; i++) {
    struct zip_made outer = {0};
    char group[32];
    snprintf(group, sizeof group, "org.level%d", i);
    zip_add(&outer, "in.jar", buf_str(&inner.bytes), ZIP_DEFLATED);
    add_properties(&outer, group, "level", "1.0");
    zip_end(&outer);
    zip_made_free(&inner);
    inner = outer;
  }
  scan(&s, "level.jar", &inner);
  assert_error(s.err, SW_ELIMIT, "archives are nested more than 10 deep");
  assert_int_equal(s.list.count, JAVA_DEPTH_MAX + 1);
  scanned_free(&s);
  zip_made_free(&inner);
}

/* Ten archives in each of ten, and so on: a million files of a few kilobytes. */
static void stops_at_too_many_archives(void **state)
{
  (void)state;
  struct zip_made inner = {0};
  struct scanned s;
  make_jar(&inner, "org.deep", "deep", "1.0");
  for (int i = 0; i < 7; i++) {
    struct zip_made outer = {0};
    for (int k = 0; k < 10; k++) {
      char name[32];
      snprintf(name, sizeof name, "%d.jar", k);
      zip_add(&outer, name, buf_str(&inner.bytes), ZIP_DEFLATED);
    }
    zip_end(&outer);
    zip_made_free(&inner);
    inner = outer;
  }
  scan(&s, "a.jar", &inner);
  assert_error(s.err, SW_ELIMIT, "there are more than 20000 archives");
  assert_true(s.list.count <= JAVA_ARCHIVES_MAX);
  scanned_free(&s);
  zip_made_free(&inner);
}

static void tells_what_is_wrong(void **state)
{
  (void)state;
  struct zip_made made = {0}, inner = {0};
  struct scanned s;
  make_jar(&inner, "org.a", "a", "1.0");
  zip_add(&made, "lib/bad-1.0.jar", STR("no archive"), ZIP_STORED);
  zip_add(&made, "lib/cut.jar", str_sub(buf_str(&inner.bytes), 0, 60), ZIP_STORED);
  zip_add(&made, "lib/a.jar", buf_str(&inner.bytes), ZIP_STORED | ZIP_WRONG_SUM);
  zip_add(&made, "lib/c.jar", buf_str(&inner.bytes), ZIP_ENCRYPTED);
  zip_add(&made, "lib/d.jar", buf_str(&inner.bytes), ZIP_STORED);
  zip_end(&made);
  scan(&s, "opt/x.jar", &made);
  assert_error(s.err, SW_EINVAL,
               "4 records are wrong, the first: !lib/bad-1.0.jar: it is no zip archive");
  assert_packages(&s, "bad:bad 1.0, org.a:a 1.0");
  scanned_free(&s);
  scan_as(&s, "a-1.jar", STR("a file of another kind"), 22);
  assert_error(s.err, SW_EINVAL, "it is no zip archive");
  scanned_free(&s);
  scan_as(&s, "a-1.jar", STR(""), 0);
  assert_int_equal(s.rc, 0);
  assert_int_equal(s.list.count, 0);
  scanned_free(&s);
  zip_made_free(&made);
  zip_made_free(&inner);
}

/* A pom.properties of gigabytes, in kilobytes. */
static void stops_bombs(void **state)
{
  (void)state;
  struct zip_made made = {0};
  struct scanned s;
  struct buf spaces = {0};
  buf_add_repeat(&spaces, '\n', 8 << 20);
  zip_add(&made, "META-INF/maven/a/b/pom.properties", buf_str(&spaces), ZIP_DEFLATED);
  zip_end(&made);
  scan(&s, "a-1.0.jar", &made);
  assert_int_equal(s.rc, SW_ELIMIT);
  scanned_free(&s);
  buf_free(&spaces);
  zip_made_free(&made);
}

static void says_what_it_wants(void **state)
{
  (void)state;
  unsigned locks = PACKAGE_LIST_LOCK_FILES;
  assert_true(java_wants(STR("a/b.jar"), 0));
  assert_true(java_wants(STR("a/b.WAR"), 0));
  assert_true(java_wants(STR("b.ear"), 0));
  assert_true(java_wants(STR("b.hpi"), 0));
  assert_false(java_wants(STR("b.rar"), 0));
  assert_false(java_wants(STR("b.jar.txt"), 0));
  assert_false(java_wants(STR("jar"), 0));
  assert_true(java_lock_wants(STR("pom.xml"), locks));
  assert_true(java_lock_wants(STR("a/pom.xml"), locks));
  assert_false(java_lock_wants(STR("a/pom.xml"), 0));
  assert_false(java_lock_wants(STR("a/apom.xml"), locks));
  assert_true(java_lock_wants(STR("a/gradle.lockfile"), locks));
  assert_true(java_lock_wants(STR("a/buildscript-gradle.lockfile"), locks));
  assert_true(java_lock_wants(STR("a/build.sbt.lock"), locks));
  struct scanned s;
  lock(&s, "a.txt", "", locks);
  assert_int_equal(s.rc, SW_EUNSUPPORTED);
  scanned_free(&s);
}

/* ---- lock files */

static const char pom[] =
    "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n"
    "<parent><groupId>org.p</groupId><artifactId>p</artifactId><version>7</version></parent>\n"
    "<artifactId>app</artifactId>\n"
    "<properties><b.version>${major}.2</b.version><major>1</major><loop>${loop}</loop></properties>\n"
    "<dependencyManagement><dependencies>\n"
    "<dependency><groupId>m</groupId><artifactId>managed</artifactId><version>${b.version}.9</version></dependency>\n"
    "<dependency><groupId>m</groupId><artifactId>unused</artifactId><version>1</version></dependency>\n"
    "<dependency><groupId>m</groupId><artifactId>tests</artifactId><version>5</version><scope>test</scope></dependency>\n"
    "</dependencies></dependencyManagement>\n"
    "<dependencies>\n"
    "<dependency><groupId>a</groupId><artifactId>a</artifactId><version>1.0</version></dependency>\n"
    "<dependency><groupId>${project.groupId}</groupId><artifactId>b</artifactId><version>${b.version}</version>"
    "<exclusions><exclusion><groupId>x</groupId><artifactId>y</artifactId></exclusion></exclusions></dependency>\n"
    "<dependency><groupId>m</groupId><artifactId>managed</artifactId></dependency>\n"
    "<dependency><groupId>m</groupId><artifactId>tests</artifactId></dependency>\n"
    "<dependency><groupId>c</groupId><artifactId>provided</artifactId><version>1</version><scope>provided</scope></dependency>\n"
    "<dependency><groupId>c</groupId><artifactId>optional</artifactId><version>1</version><optional>true</optional></dependency>\n"
    "<dependency><groupId>c</groupId><artifactId>hard</artifactId><version>[2.1]</version><scope>runtime</scope></dependency>\n"
    "</dependencies>\n"
    "<profiles><profile><dependencies><dependency><groupId>n</groupId><artifactId>not</artifactId><version>1</version>"
    "</dependency></dependencies></profile></profiles>\n"
    "<build><plugins><plugin><dependencies><dependency><groupId>n</groupId><artifactId>not</artifactId><version>1</version>"
    "</dependency></dependencies></plugin></plugins></build>\n"
    "</project>\n";

static void reads_a_pom(void **state)
{
  (void)state;
  struct scanned s;
  struct faults faults = {0};
  lock(&s, "pom.xml", pom, PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(s.rc, 0);
  assert_int_equal(s.list.count, 0); /* it has a parent, which may come yet */
  java_settle(&s.list, &faults);
  assert_int_equal(faults.count, 0);
  assert_packages(&s, "org.p:app 7, a:a 1.0, org.p:b 1.2, m:managed 1.2.9, c:hard 2.1");
  assert_str(s.list.items[3].purl, "pkg:maven/m/managed@1.2.9");
  scanned_free(&s);
  lock(&s, "pom.xml", pom, PACKAGE_LIST_LOCK_FILES | PACKAGE_LIST_DEVELOPMENT);
  java_settle(&s.list, &faults);
  assert_packages(&s, "org.p:app 7, a:a 1.0, org.p:b 1.2, m:managed 1.2.9, m:tests 5, c:hard 2.1");
  assert_true(s.list.items[4].development);
  assert_false(s.list.items[3].development);
  scanned_free(&s);
}

static void read_pom_at(struct scanned *s, const char *path, const char *text)
{
  assert_int_equal(java_lock_read(str_from(path), 1, str_from(text), &s->list, &s->err), 0);
}

/* A project of several files, told in the worst order. */
static void takes_from_parents(void **state)
{
  (void)state;
  struct scanned s;
  struct faults faults = {0};
  start(&s, PACKAGE_LIST_LOCK_FILES);
  read_pom_at(
      &s, "p/app/deep/pom.xml",
      "<project><parent><groupId>g</groupId><artifactId>app</artifactId><version>1</version></parent>"
      "<artifactId>deep</artifactId><properties><own.version>9</own.version></properties><dependencies>"
      "<dependency><groupId>a</groupId><artifactId>managed</artifactId></dependency>"
      "<dependency><groupId>${project.groupId}</groupId><artifactId>own</artifactId>"
      "<version>${own.version}</version></dependency>"
      "<dependency><groupId>b</groupId><artifactId>bom</artifactId></dependency>"
      "</dependencies></project>");
  read_pom_at(
      &s, "p/app/pom.xml",
      "<project><parent><groupId>g</groupId><artifactId>root</artifactId><version>1</version>"
      "<relativePath>../parent</relativePath></parent><artifactId>app</artifactId></project>");
  read_pom_at(
      &s, "p/parent/pom.xml",
      "<project><groupId>g</groupId><artifactId>root</artifactId><version>1</version>"
      "<properties><a.version>2.5</a.version><own.version>0</own.version></properties>"
      "<dependencies><dependency><groupId>c</groupId><artifactId>of-all</artifactId><version>4</version>"
      "</dependency></dependencies>"
      "<dependencyManagement><dependencies><dependency><groupId>a</groupId><artifactId>managed</artifactId>"
      "<version>${a.version}</version></dependency></dependencies></dependencyManagement></project>");
  read_pom_at(
      &s, "p/stranger/pom.xml",
      "<project><parent><groupId>g</groupId><artifactId>other</artifactId><version>7</version></parent>"
      "<artifactId>stranger</artifactId></project>");
  read_pom_at(&s, "p/pom.xml", "<project><artifactId>not-the-parent</artifactId></project>");
  assert_packages(&s, "g:root 1, c:of-all 4");
  java_settle(&s.list, &faults);
  assert_packages(&s, "g:root 1, c:of-all 4, g:deep 1, a:managed 2.5, g:own 9, c:of-all 4, "
                      "g:app 1, c:of-all 4, g:stranger 7");
  assert_str(s.list.items[2].path, "p/app/deep/pom.xml");
  assert_int_equal(faults.count, 1);
  assert_error(faults.first, SW_EUNSUPPORTED,
               "p/app/deep/pom.xml: 1 dependencies have versions that another file determines");
  scanned_free(&s);
}

static void survives_parents_in_a_circle(void **state)
{
  (void)state;
  struct scanned s;
  struct faults faults = {0};
  start(&s, PACKAGE_LIST_LOCK_FILES);
  static const char *const names[] = {"one", "two"};
  for (int i = 0; i < 2; i++) {
    char path[32], text[1024];
    snprintf(path, sizeof path, "%s/pom.xml", names[i]);
    snprintf(text, sizeof text,
             "<project><parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version>"
             "<relativePath>../%s</relativePath></parent><artifactId>a</artifactId>"
             "<properties><v>${w}</v><w>${v}</w></properties><dependencies><dependency>"
             "<groupId>x</groupId><artifactId>y</artifactId><version>${v}</version></dependency>"
             "</dependencies></project>",
             names[1 - i]);
    read_pom_at(&s, path, text);
  }
  java_settle(&s.list, &faults);
  assert_packages(&s, "g:a 1, g:a 1");
  assert_int_equal(faults.count, 2);
  scanned_free(&s);
}

static void tells_what_a_pom_leaves_open(void **state)
{
  (void)state;
  struct scanned s;
  lock(
      &s, "pom.xml",
      "<project><dependencies>"
      "<dependency><groupId>a</groupId><artifactId>none</artifactId></dependency>"
      "<dependency><groupId>a</groupId><artifactId>unknown</artifactId><version>${x}</version></dependency>"
      "<dependency><groupId>a</groupId><artifactId>range</artifactId><version>[1,2)</version></dependency>"
      "<dependency><groupId>a</groupId><artifactId>loop</artifactId><version>${l}</version></dependency>"
      "<dependency><groupId>a</groupId><artifactId>good</artifactId><version>1</version></dependency>"
      "</dependencies><properties><l>${m}</l><m>${l}</m></properties></project>",
      PACKAGE_LIST_LOCK_FILES);
  assert_error(s.err, SW_EUNSUPPORTED, "4 dependencies have versions that another file determines");
  assert_packages(&s, "a:good 1");
  scanned_free(&s);
  lock(&s, "pom.xml", "<project><dependencies>", PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(s.rc, SW_EINVAL);
  scanned_free(&s);
  struct buf text = {0}; /* properties that double each other */
  buf_add_text(&text, "<project><properties><p0>0123456789</p0>");
  for (int i = 1; i < 40; i++)
    buf_printf(&text, "<p%d>${p%d}${p%d}</p%d>", i, i - 1, i - 1, i);
  buf_add_text(&text, "</properties><groupId>a</groupId><artifactId>b</artifactId>"
                      "<version>${p39}</version></project>");
  lock(&s, "pom.xml", buf_text(&text), PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(s.rc, 0);
  assert_int_equal(s.list.count, 0);
  scanned_free(&s);
  buf_free(&text);
}

static void reads_gradle(void **state)
{
  (void)state;
  const char *text = "# This is a Gradle generated file\n"
                     "com.a:a:1.0=compileClasspath,runtimeClasspath\r\n"
                     "com.a:t:2.0=testCompileClasspath, testRuntimeClasspath\n"
                     "com.a:a:1.0=other\n"
                     "com.a:broken\n"
                     "empty=annotationProcessor\n";
  struct scanned s;
  lock(&s, "gradle.lockfile", text, PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(s.rc, 0);
  assert_packages(&s, "com.a:a 1.0");
  scanned_free(&s);
  lock(&s, "gradle.lockfile", text, PACKAGE_LIST_LOCK_FILES | PACKAGE_LIST_DEVELOPMENT);
  assert_packages(&s, "com.a:a 1.0, com.a:t 2.0");
  assert_true(s.list.items[1].development);
  scanned_free(&s);
  lock(&s, "gradle.lockfile", "a:\x01:1=x\nb:b:1=x\n", PACKAGE_LIST_LOCK_FILES);
  assert_error(s.err, SW_EINVAL, "the name of the package holds the byte 0x01");
  assert_int_equal(s.err.line, 1);
  assert_packages(&s, "b:b 1");
  scanned_free(&s);
}

/* A byte that would end a text in C does not make one name of another. */
static void refuses_names_with_zeros(void **state)
{
  (void)state;
  struct scanned s;
  struct zip_made made = {0};
  start(&s, PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(
      java_lock_read(STR("gradle.lockfile"), 1, STR("org.a\0b:c:1=x\na:a:1=x\n"), &s.list, &s.err),
      SW_EINVAL);
  assert_error(s.err, SW_EINVAL, "the name of the package holds the byte 0x00");
  assert_packages(&s, "a:a 1");
  scanned_free(&s);
  zip_add(&made, "META-INF/maven/a/b/pom.properties",
          STR("groupId=a\0x\nartifactId=b\nversion=1\n"), ZIP_STORED);
  zip_end(&made);
  scan(&s, "b.jar", &made);
  assert_int_equal(s.rc, SW_EINVAL);
  assert_int_equal(s.list.count, 0);
  scanned_free(&s);
  zip_made_free(&made);
}

static void reads_sbt(void **state)
{
  (void)state;
  const char *text =
      "{\"lockVersion\":1,\"dependencies\":["
      "{\"org\":\"a\",\"name\":\"a\",\"version\":\"1\",\"configurations\":[\"test\",\"compile\"]},"
      "{\"org\":\"a\",\"name\":\"t\",\"version\":\"1\",\"configurations\":[\"test\"]},"
      "{\"org\":\"a\",\"name\":\"p\",\"version\":\"1\",\"configurations\":[\"provided\"]},"
      "{\"org\":\"a\",\"name\":\"r\",\"version\":\"1\",\"configurations\":[\"runtime\"]}]}";
  struct scanned s;
  lock(&s, "build.sbt.lock", text, PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(s.rc, 0);
  assert_packages(&s, "a:a 1, a:r 1");
  scanned_free(&s);
  lock(&s, "build.sbt.lock", text, PACKAGE_LIST_LOCK_FILES | PACKAGE_LIST_DEVELOPMENT);
  assert_packages(&s, "a:a 1, a:t 1, a:r 1");
  scanned_free(&s);
  lock(&s, "build.sbt.lock", "{\"dependencies\":{}}", PACKAGE_LIST_LOCK_FILES);
  assert_error(s.err, SW_EINVAL, "\"dependencies\" is no list");
  scanned_free(&s);
  lock(&s, "build.sbt.lock",
       "{\"dependencies\":[\n{\"name\":\"a\",\"version\":\"1\",\"configurations\":[\"compile\"]}]}",
       PACKAGE_LIST_LOCK_FILES);
  assert_error(s.err, SW_EINVAL, "the group or the name of a package is missing");
  assert_int_equal(s.err.line, 2);
  scanned_free(&s);
  lock(&s, "build.sbt.lock", "{", PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(s.rc, SW_EINVAL);
  scanned_free(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_properties),
      cmocka_unit_test(knows_the_digest_of_a_file),
      cmocka_unit_test(reads_shaded_archives),
      cmocka_unit_test(identifies_archives),
      cmocka_unit_test(prefers_properties_to_names),
      cmocka_unit_test(reads_properties_without_signs),
      cmocka_unit_test(reads_archives_in_archives),
      cmocka_unit_test(stops_a_hundred_deep),
      cmocka_unit_test(stops_at_too_many_archives),
      cmocka_unit_test(tells_what_is_wrong),
      cmocka_unit_test(stops_bombs),
      cmocka_unit_test(says_what_it_wants),
      cmocka_unit_test(reads_a_pom),
      cmocka_unit_test(takes_from_parents),
      cmocka_unit_test(survives_parents_in_a_circle),
      cmocka_unit_test(tells_what_a_pom_leaves_open),
      cmocka_unit_test(reads_gradle),
      cmocka_unit_test(refuses_names_with_zeros),
      cmocka_unit_test(reads_sbt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
