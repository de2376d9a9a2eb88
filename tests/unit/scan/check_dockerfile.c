#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/check/dockerfile.h"

static struct arena arena;
static struct dockerfile file;
static struct finding_list findings;
static struct error err;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static void read_ok(const char *text)
{
  if (dockerfile_read(str_from(text), &arena, &file, &err) < 0)
    fail_msg("%u:%u: %s", err.line, err.column, err.message);
}

/* 2026-11-21 */
enum { NOW = 1795219200 };

static int scan(const char *text)
{
  static const struct str registries[] = {STR_INIT("docker.io"), STR_INIT("gcr.io"),
                                          STR_INIT("r:5000")};
  const struct dockerfile_options options = {
      .file = STR("Dockerfile"), .now = NOW, .registries = registries, .registry_count = 3};
  finding_list_init(&findings, &arena);
  return dockerfile_scan(str_from(text), &options, &arena, &findings, &err);
}

static const struct finding *find(const char *rule)
{
  for (size_t i = 0; i < findings.count; i++)
    if (str_eq(findings.items[i].rule->id, str_from(rule)))
      return &findings.items[i];
  return NULL;
}

static void knows_its_files(void **state)
{
  (void)state;
  static const char *const yes[] = {"Dockerfile",     "a/b/Dockerfile",  "Dockerfile.prod",
                                    "web.Dockerfile", "web.dockerfile",  "Containerfile",
                                    "dockerfile",     "Dockerfile-test", "x/Containerfile.arm"};
  static const char *const no[] = {"Dockerfiles",
                                   "Dockerfile.dockerignore",
                                   "dockerfile.md",
                                   "mydockerfile",
                                   ".dockerignore",
                                   "Dockerfile/x",
                                   "",
                                   "Dockerfile.",
                                   "Dockerfile.j2",
                                   ".dockerfil"};
  for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
    if (!dockerfile_wants(str_from(yes[i])))
      fail_msg("%s is not wanted", yes[i]);
  for (size_t i = 0; i < sizeof no / sizeof *no; i++)
    if (dockerfile_wants(str_from(no[i])))
      fail_msg("%s is wanted", no[i]);
}

static void reads_instructions(void **state)
{
  (void)state;
  read_ok(
      "# a comment\nFROM debian:12\n\n  run  echo \\\n# between\n\n   a && \\  \n  b\nCMD [\"x\", \"y\"]\n");
  assert_int_equal(file.count, 3);
  const struct dockerfile_instruction *i = file.items;
  assert_int_equal(i[0].kind, DOCKERFILE_FROM);
  assert_int_equal(i[0].line, 2);
  assert_int_equal(i[1].kind, DOCKERFILE_RUN);
  assert_int_equal(i[1].line, 4);
  assert_int_equal(i[1].column, 3);
  assert_str(i[1].text, "echo    a &&   b");
  assert_str(i[1].script, "echo    a &&   b");
  assert_false(i[1].json);
  uint32_t line, column;
  dockerfile_place(&i[1], 0, &line, &column);
  assert_int_equal(line, 4);
  assert_int_equal(column, 8);
  dockerfile_place(&i[1], 15, &line, &column); /* b */
  assert_int_equal(line, 8);
  assert_int_equal(column, 3);
  assert_int_equal(i[2].kind, DOCKERFILE_CMD);
  assert_true(i[2].json);
  assert_int_equal(i[2].word_count, 2);
  assert_str(i[2].words[1].text, "y");
  assert_str(dockerfile_kind_name(i[2].kind), "CMD");
}

static void reads_directives(void **state)
{
  (void)state;
  read_ok(
      "\xef\xbb\xbf# syntax=docker/dockerfile:1\r\n#  Escape = `\r\nFROM a\r\nRUN x `\r\n  y\\\r\nRUN z\n");
  assert_int_equal(file.escape, '`');
  assert_int_equal(file.count, 3);
  assert_str(file.items[1].text, "x   y\\");
  read_ok("# hello\n# escape=`\nFROM a\nRUN x \\\n y\n");
  assert_int_equal(file.escape, '\\'); /* directives end at the first comment */
  assert_int_equal(file.count, 2);
}

static void reads_here_documents(void **state)
{
  (void)state;
  read_ok(
      "FROM a\nRUN <<EOF\necho 1\n\necho 2\nEOF\nCOPY <<-'A' <<\"B\" /x/\n\tone\n\tA\ntwo\nB\nRUN python3 <<E\nprint(1)\nE\n"
      "RUN echo $((1<<2)) <<<word\nRUN <<X\n#!/usr/bin/env python3\nX\nRUN bash -e <<Y\nls\nY\n");
  assert_int_equal(file.count, 7);
  const struct dockerfile_instruction *i = file.items;
  assert_str(i[1].script, "echo 1\n\necho 2\n");
  assert_true(i[1].script_heredoc);
  uint32_t line, column;
  dockerfile_place(&i[1], 9, &line, &column);
  assert_int_equal(line, 5);
  assert_int_equal(column, 2);
  assert_int_equal(i[2].heredoc_count, 2);
  assert_str(i[2].heredocs[0].mark, "A");
  assert_str(i[2].heredocs[0].body, "\tone\n");
  assert_str(i[2].heredocs[1].body, "two\n");
  assert_int_equal(i[2].heredocs[1].line, 10);
  assert_str(i[3].script, "python3 <<E");
  assert_int_equal(i[4].heredoc_count, 0);
  assert_str(i[5].script, "<<X"); /* not the body: python's */
  assert_str(i[6].script, "ls\n");
}

static void reads_flags_and_words(void **state)
{
  (void)state;
  read_ok(
      "FROM --platform=linux/amd64 a AS b\n"
      "COPY --chown=1:2 --from=b \"/a b\" c\\ d /e/\n"
      "RUN --mount=type=cache,target=/x --network=none make --flag\n"
      "ENV A=1 B=\"two words\" C='$A'\nENV OLD form of it\nLABEL a.b=c\nARG X Y=1\n"
      "ADD [\"x y\", \"/z\"]\nVOLUME [\"/a\", \"/b\"]\nHEALTHCHECK --interval=5s CMD x\nRUN [\"sh\", \"-ec\", \"a b\"]\n");
  const struct dockerfile_instruction *i = file.items;
  assert_str(dockerfile_flag_of(&i[0], "platform")->value, "linux/amd64");
  assert_null(dockerfile_flag_of(&i[0], "other"));
  assert_int_equal(i[1].word_count, 3);
  assert_str(i[1].words[0].text, "/a b");
  assert_str(i[1].words[1].text, "c d");
  assert_str(dockerfile_flag_of(&i[1], "from")->value, "b");
  assert_str(i[2].script, "make --flag");
  assert_int_equal(i[2].flag_count, 2);
  assert_int_equal(i[3].word_count, 3);
  assert_str(i[3].words[1].key, "B");
  assert_str(i[3].words[1].text, "two words");
  assert_str(i[3].words[2].text, "$A");
  assert_str(i[4].words[0].key, "OLD");
  assert_str(i[4].words[0].text, "form of it");
  assert_str(i[5].words[0].key, "a.b");
  assert_true(i[6].words[0].valueless);
  assert_str(i[6].words[1].text, "1");
  assert_true(i[7].json);
  assert_str(i[7].words[0].text, "x y");
  assert_str(i[8].words[1].text, "/b");
  assert_str(i[9].words[0].text, "CMD");
  assert_str(i[10].script, "a b");
}

static void knows_stages_and_variables(void **state)
{
  (void)state;
  read_ok(
      "ARG TAG=12\nARG REG\nFROM debian:${TAG}-slim AS base\nARG TAG\nARG LOCAL=x\nENV P=/a:$PATH Q=${LOCAL}y\n"
      "WORKDIR /w/${Q}/${TAG}/${NONE:-d}\nFROM $REG/x\nWORKDIR /${LOCAL}\nFROM Base\nFROM ${TAG:+t}\nFROM ${NO:-n}\n");
  assert_int_equal(file.stage_count, 5);
  assert_str(file.stages[0].base, "debian:12-slim");
  assert_str(file.stages[0].name, "base");
  assert_false(file.stages[0].base_unknown);
  assert_int_equal(file.stages[0].first, 2);
  assert_int_equal(file.stages[0].last, 6);
  assert_true(file.stages[1].base_unknown);
  assert_str(file.stages[1].base, "$REG/x");
  assert_int_equal(file.stages[2].base_stage, 0);
  assert_str(file.stages[3].base, "t");
  assert_str(file.stages[4].base, "n");
  assert_int_equal(file.stages[4].last, file.count - 1);
  assert_str(file.items[5].words[0].text, "/a:$PATH");
  assert_true(file.items[5].words[0].unknown);
  assert_str(file.items[6].words[0].text, "/w/xy/12/d");
  assert_true(file.items[8].words[0].unknown); /* another stage's */
  assert_int_equal(file.items[0].stage, UINT32_MAX);
}

static void reads_on_build(void **state)
{
  (void)state;
  read_ok("FROM a\nONBUILD RUN x\nonbuild copy . /x\n");
  assert_true(file.items[1].on_build);
  assert_int_equal(file.items[1].kind, DOCKERFILE_RUN);
  assert_str(file.items[1].script, "x");
  assert_int_equal(file.items[2].kind, DOCKERFILE_COPY);
}

static void tells_what_is_wrong(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
    unsigned line, column;
  } cases[] = {
      {"", "there is no FROM", 1, 1},
      {"ARG A=1\n", "there is no FROM", 1, 1},
      {"FROM a\n\n  COPPY a b\n", "there is no instruction \"COPPY\", did you mean \"COPY\"?", 3,
       3},
      {"RUN x\nFROM a\n", "RUN stands before the first FROM", 1, 1},
      {"FROM a b\n", "FROM takes an image, or an image AS a name", 1, 1},
      {"FROM a\nCOPY x\n", "COPY needs a source and a destination", 2, 1},
      {"FROM a\nENV A=1 B\n", "ENV takes pairs NAME=value, and \"B\" is none", 2, 1},
      {"FROM a\nONBUILD ONBUILD RUN x\n", "ONBUILD cannot stand behind ONBUILD", 2, 1},
      {"FROM a\nONBUILD FROM b\n", "FROM cannot stand behind ONBUILD", 2, 1},
      {"FROM a\nWORKDIR\n", "WORKDIR needs an argument", 2, 1},
      {"FROM a\nRUN <<E\nx\n", "the here-document \"E\" does not end", 3, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int rc = dockerfile_read(str_from(cases[i].text), &arena, &file, &err);
    assert_int_equal(rc, SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_int_equal(err.line, cases[i].line);
    assert_int_equal(err.column, cases[i].column);
  }
  /* The rest is read all the same. */
  assert_int_equal(scan("FROM a:1\nNOPE\nRUN sudo x\nNEITHER\n"), SW_EINVAL);
  assert_error(err, SW_EINVAL, "2 records are wrong, the first: there is no instruction \"NOPE\"");
  assert_non_null(find("dockerfile-sudo"));
}

struct rule_case {
  const char *text, *rule;
  const char *message; /* NULL: no finding */
  unsigned line;
  enum severity severity; /* 0: the rule's own */
};

static const struct rule_case cases[] = {
    {"FROM a:1\nENV DB_PASSWORD=hunter2", "dockerfile-secret",
     "DB_PASSWORD has its value in the file", 2, 0},
    {"FROM a:1\nARG API_TOKEN", "dockerfile-secret",
     "API_TOKEN is a build argument, which the history keeps with its value", 2, SEVERITY_MEDIUM},
    {"FROM a:1\nARG T\nENV API_TOKEN=$T", "dockerfile-secret",
     "API_TOKEN takes a value of the build into the image", 3, SEVERITY_MEDIUM},
    {"FROM a:1\nENV DB_PASSWORD= GPG_KEY=A TOKEN_FILE=/x", "dockerfile-secret", NULL, 0, 0},
    {"FROM a:1\nRUN x --password hunter2", "dockerfile-secret-command",
     "has a secret in it (--password): x", 2, 0},
    {"FROM a:1\nRUN --mount=type=secret,id=p x --password \"$(cat /run/secrets/p)\"",
     "dockerfile-secret-command", NULL, 0, 0},
    {"FROM a:1\nCOPY ./id_rsa /root/.ssh/", "dockerfile-secret-file",
     "id_rsa is an SSH private key", 2, 0},
    {"FROM a:1\nCOPY .env /app/", "dockerfile-secret-file",
     ".env is settings of an environment, often with secrets", 2, SEVERITY_MEDIUM},
    {"FROM a:1\nCOPY id_rsa.pub /root/", "dockerfile-secret-file", NULL, 0, 0},
    {"FROM a:1 AS b\nFROM c:1\nCOPY --from=b /id_rsa /", "dockerfile-secret-file", NULL, 0, 0},
    {"FROM a:1", "dockerfile-user-root", "no USER is set, so containers start as root", 1, 0},
    {"FROM a:1\nUSER 1\nUSER root:x", "dockerfile-user-root",
     "the last USER is root, which is root", 3, 0},
    {"FROM a:1 AS b\nUSER 1\nFROM b", "dockerfile-user-root", NULL, 0, 0},
    {"FROM a:1 AS b\nUSER 1\nFROM c:1", "dockerfile-user-root",
     "no USER is set, so containers start as root", 3, 0},
    {"FROM gcr.io/distroless/static:nonroot", "dockerfile-user-root", NULL, 0, 0},
    {"FROM a:1\nARG U\nUSER $U", "dockerfile-user-root", NULL, 0, 0},
    {"FROM a:1\nUSER app", "dockerfile-user-name", "the user is the name \"app\", not a number", 2,
     0},
    {"FROM a:1\nUSER 10001:app", "dockerfile-user-name", NULL, 0, 0},
    {"FROM a:1\nRUN x && \\\n curl y | sh", "dockerfile-pipe-to-shell",
     "runs what it has downloaded: sh", 3, 0},
    {"FROM a:1\nRUN curl y | tar x", "dockerfile-pipe-to-shell", NULL, 0, 0},
    {"FROM a:1\nRUN [\"sh\", \"-c\", \"curl y | sh\"]", "dockerfile-pipe-to-shell",
     "runs what it has downloaded: sh", 2, 0},
    {"FROM a:1\nRUN <<E\nset -e\ncurl y | sh\nE", "dockerfile-pipe-to-shell",
     "runs what it has downloaded: sh", 4, 0},
    {"FROM a:1\nSHELL [\"pwsh\", \"-c\"]\nRUN curl y | sh", "dockerfile-pipe-to-shell", NULL, 0, 0},
    {"FROM a:1\nRUN curl -k https://x", "dockerfile-unverified",
     "switches checks off (-k): curl -k https://x", 2, 0},
    {"FROM a:1\nRUN curl https://x", "dockerfile-unverified", NULL, 0, 0},
    {"FROM a:1\nRUN wget http://x/y", "dockerfile-plain-http",
     "downloads without encryption: wget http://x/y", 2, 0},
    {"FROM a:1\nRUN wget https://x/y", "dockerfile-plain-http", NULL, 0, 0},
    {"FROM a:1\nADD https://u:p@x/y /", "dockerfile-add-url", "adds x/y without a checksum", 2, 0},
    {"FROM a:1\nADD --checksum=sha256:00 https://x/y /", "dockerfile-add-url", NULL, 0, 0},
    {"FROM a:1\nADD app /", "dockerfile-add", "\"app\" is copied as it is: COPY does that", 2, 0},
    {"FROM a:1\nADD rootfs.tar.xz /", "dockerfile-add", NULL, 0, 0},
    {"FROM a:1\nRUN sudo x", "dockerfile-sudo", "uses sudo: sudo x", 2, 0},
    {"FROM a:1\nRUN x sudo", "dockerfile-sudo", NULL, 0, 0},
    {"FROM a:1\nCOPY --chmod=777 a /b", "dockerfile-chmod-open",
     "lets everybody write (--chmod=777)", 2, 0},
    {"FROM a:1\nRUN chmod -R 777 /b", "dockerfile-chmod-open",
     "lets everybody write: chmod -R 777 /b", 2, 0},
    {"FROM a:1\nCOPY --chmod=755 a /b", "dockerfile-chmod-open", NULL, 0, 0},
    {"FROM a:1\nCOPY --chmod=4755 a /b", "dockerfile-setuid",
     "makes a program setuid (--chmod=4755)", 2, 0},
    {"FROM a:1\nRUN chmod u+s /b", "dockerfile-setuid", "makes a program setuid: chmod u+s /b", 2,
     0},
    {"FROM a:1\nRUN chmod 2755 /b", "dockerfile-setuid", NULL, 0, 0},
    {"FROM a:1\nCOPY --chmod=0755 a /b", "dockerfile-setuid", NULL, 0, 0},
    {"FROM a:1\nRUN apk add --no-cache openssh", "dockerfile-ssh-server",
     "installs an SSH server: apk add --no-cache openssh", 2, 0},
    {"FROM a:1\nRUN apk add --no-cache curl", "dockerfile-ssh-server", NULL, 0, 0},
    {"FROM a:1\nRUN --security=insecure x", "dockerfile-run-insecure",
     "runs with the rights of a privileged container", 2, 0},
    {"FROM a:1\nRUN --network=none x", "dockerfile-run-insecure", NULL, 0, 0},
    {"FROM a", "dockerfile-latest", "the base a has no version", 1, 0},
    {"FROM r:5000/a:latest", "dockerfile-latest", "the base r:5000/a:latest has no version", 1, 0},
    {"ARG V=1\nFROM a:$V", "dockerfile-latest", NULL, 0, 0},
    {"ARG V\nFROM a:$V", "dockerfile-latest", NULL, 0, 0},
    {"FROM scratch", "dockerfile-latest", NULL, 0, 0},
    {"FROM a:1\nCOPY --from=busybox /x /y", "dockerfile-latest",
     "copies from the image busybox without a version", 2, 0},
    {"FROM quay.io/a:1", "dockerfile-registry",
     "the base quay.io/a:1 comes from none of the allowed registries", 1, 0},
    {"FROM a:1\nFROM scratch", "dockerfile-registry", NULL, 0, 0},
    {"FROM a:1", "dockerfile-digest", "the base a:1 is not named by its digest", 1, 0},
    {"FROM a:1@sha256:0000000000000000000000000000000000000000000000000000000000000000",
     "dockerfile-digest", NULL, 0, 0},
    {"FROM centos:7", "dockerfile-end-of-life", "CentOS 7 has had no fixes since 2024-06-30", 1, 0},
    {"FROM docker.io/library/alpine:3.10.2", "dockerfile-end-of-life",
     "Alpine Linux 3.10 has had no fixes since 2021-05-01", 1, 0},
    {"FROM debian:11-slim", "dockerfile-end-of-life",
     "Debian 11 has had no regular fixes since 2026-08-31; longer support ends 2031-06-30", 1,
     SEVERITY_LOW},
    {"FROM debian:12", "dockerfile-end-of-life", NULL, 0, 0},
    {"FROM example/centos:7", "dockerfile-end-of-life", NULL, 0, 0},
    {"FROM alpine:edge", "dockerfile-end-of-life", NULL, 0, 0},
    {"FROM --platform=linux/amd64 a:1", "dockerfile-platform",
     "the platform is fixed to linux/amd64", 1, 0},
    {"FROM --platform=$BUILDPLATFORM a:1", "dockerfile-platform", NULL, 0, 0},
    {"FROM a:1\nEXPOSE 8080 22/tcp", "dockerfile-port-remote", "port 22 (SSH) is exposed", 2, 0},
    {"FROM a:1\nEXPOSE 8080 22/udp $P", "dockerfile-port-remote", NULL, 0, 0},
    {"FROM a:1\nEXPOSE 80", "dockerfile-port-privileged", "port 80 is exposed", 2, 0},
    {"FROM a:1\nEXPOSE 8080-8090", "dockerfile-port-privileged", NULL, 0, 0},
    {"FROM a:1\nEXPOSE 70000", "dockerfile-port-range", "70000 is no port: they go from 1 to 65535",
     2, 0},
    {"FROM a:1\nEXPOSE 65535", "dockerfile-port-range", NULL, 0, 0},
    {"FROM a:1\nVOLUME /proc", "dockerfile-volume-sensitive", "/proc is declared a volume", 2, 0},
    {"FROM a:1\nVOLUME /data", "dockerfile-volume-sensitive", NULL, 0, 0},
    {"FROM a:1\nENV PATH=.:$PATH", "dockerfile-search-path",
     "PATH has \".\" in it, where others may write", 2, 0},
    {"FROM a:1\nENV PATH=/app/bin:$PATH", "dockerfile-search-path", NULL, 0, 0},
    {"FROM a:1\nENV GIT_SSL_NO_VERIFY=1", "dockerfile-env-unverified",
     "GIT_SSL_NO_VERIFY is set, so certificates or checksums are not checked", 2, 0},
    {"FROM a:1\nENV GIT_SSL_NO_VERIFY=0", "dockerfile-env-unverified", NULL, 0, 0},
    {"FROM a:1\nWORKDIR app", "dockerfile-workdir-relative",
     "\"app\" depends on the WORKDIR before it", 2, 0},
    {"FROM a:1\nWORKDIR /app\nWORKDIR $X\nWORKDIR C:\\\\x", "dockerfile-workdir-relative", NULL, 0,
     0},
    {"FROM a:1\nWORKDIR /proc/self", "dockerfile-workdir-system",
     "/proc/self belongs to the system", 2, 0},
    {"FROM a:1\nWORKDIR /process", "dockerfile-workdir-system", NULL, 0, 0},
    {"FROM a:1\nRUN apt-get update", "dockerfile-update-alone",
     "fetches lists of packages and installs nothing: apt-get update", 2, 0},
    {"FROM a:1\nRUN apt-get update && apt-get install -y x", "dockerfile-update-alone", NULL, 0, 0},
    {"FROM a:1\nRUN apk upgrade", "dockerfile-upgrade", "upgrades all packages: apk upgrade", 2, 0},
    {"FROM a:1\nRUN apk add --no-cache x", "dockerfile-upgrade", NULL, 0, 0},
    {"FROM a:1\nRUN apt-get dist-upgrade -y", "dockerfile-dist-upgrade",
     "upgrades the distribution: apt-get dist-upgrade -y", 2, 0},
    {"FROM a:1\nRUN apt-get upgrade -y", "dockerfile-dist-upgrade", NULL, 0, 0},
    {"FROM a:1\nRUN apt-get install x", "dockerfile-no-yes",
     "would ask, and nobody answers: apt-get install x", 2, 0},
    {"FROM a:1\nRUN apt-get install -y x", "dockerfile-no-yes", NULL, 0, 0},
    {"FROM a:1\nRUN apt-get install -y x", "dockerfile-recommends",
     "installs what is only recommended: apt-get install -y x", 2, 0},
    {"FROM a:1\nRUN apt-get install -y --no-install-recommends x", "dockerfile-recommends", NULL, 0,
     0},
    {"FROM a:1\nRUN yum -y install x", "dockerfile-cache-left",
     "leaves yum's cache behind: yum -y install x", 2, 0},
    {"FROM a:1\nRUN yum -y install x && yum clean all", "dockerfile-cache-left", NULL, 0, 0},
    {"FROM a:1\nRUN --mount=type=cache,target=/var/cache yum -y install x", "dockerfile-cache-left",
     NULL, 0, 0},
    {"FROM a:1\nENV PIP_NO_CACHE_DIR=1\nRUN pip install x", "dockerfile-cache-left", NULL, 0, 0},
    {"FROM a:1\nRUN cd /app && make", "dockerfile-cd", "begins with cd: cd /app", 2, 0},
    {"FROM a:1\nRUN make", "dockerfile-cd", NULL, 0, 0},
    {"FROM a:1\nRUN curl https://x && wget https://y", "dockerfile-two-downloaders",
     "curl and wget are both used in this stage", 2, 0},
    {"FROM a:1\nRUN curl https://x\nRUN wget https://y", "dockerfile-two-downloaders",
     "curl and wget are both used in this stage", 3, 0},
    {"FROM a:1\nRUN curl https://x\nFROM a:1\nRUN wget https://y", "dockerfile-two-downloaders",
     NULL, 0, 0},
    {"FROM a:1\nRUN apt install -y x", "dockerfile-apt",
     "uses apt, which is made for people: apt install -y x", 2, 0},
    {"FROM a:1\nRUN apt-get install -y x", "dockerfile-apt", NULL, 0, 0},
    {"FROM a:1 AS b\nCOPY --from=B /x /y", "dockerfile-copy-from-self",
     "copies from \"B\", the stage it is in", 2, 0},
    {"FROM a:1\nCOPY --from=1 /x /y", "dockerfile-copy-from-self",
     "copies from stage 1, which is not before it", 2, 0},
    {"FROM a:1 AS b\nFROM c:1\nCOPY --from=0 /x /y\nCOPY --from=b /x /y",
     "dockerfile-copy-from-self", NULL, 0, 0},
    {"FROM a:1\nCOPY a b /c", "dockerfile-copy-many",
     "several sources go to \"/c\", which does not end with \"/\"", 2, 0},
    {"FROM a:1\nCOPY a b /c/\nCOPY a b .", "dockerfile-copy-many", NULL, 0, 0},
    {"FROM a:1 AS x\nFROM b:1 AS X", "dockerfile-same-stage",
     "an earlier stage is called \"X\" too", 2, 0},
    {"FROM a:1 AS x\nFROM b:1 AS y", "dockerfile-same-stage", NULL, 0, 0},
    {"FROM a:1\nCMD [\"x\"]\nCMD [\"y\"]", "dockerfile-many-cmd",
     "of 2 CMD in this stage, only the last counts", 3, 0},
    {"FROM a:1\nCMD [\"x\"]\nFROM b:1\nCMD [\"y\"]", "dockerfile-many-cmd", NULL, 0, 0},
    {"FROM a:1\nENTRYPOINT [\"x\"]\nENTRYPOINT [\"y\"]", "dockerfile-many-entrypoint",
     "of 2 ENTRYPOINT in this stage, only the last counts", 3, 0},
    {"FROM a:1\nENTRYPOINT [\"x\"]", "dockerfile-many-entrypoint", NULL, 0, 0},
    {"FROM a:1\nHEALTHCHECK CMD x\nHEALTHCHECK CMD y", "dockerfile-many-healthcheck",
     "of 2 HEALTHCHECK in this stage, only the last counts", 3, 0},
    {"FROM a:1\nHEALTHCHECK CMD x", "dockerfile-many-healthcheck", NULL, 0, 0},
    {"FROM a:1", "dockerfile-healthcheck", "there is no HEALTHCHECK", 1, 0},
    {"FROM a:1\nHEALTHCHECK NONE", "dockerfile-healthcheck", "the health check is switched off", 2,
     0},
    {"FROM a:1 AS b\nHEALTHCHECK CMD x\nFROM b", "dockerfile-healthcheck", NULL, 0, 0},
    {"FROM a:1\nCMD server", "dockerfile-shell-form",
     "a shell starts the program, and takes its signals", 2, 0},
    {"FROM a:1\nCMD exec server\nENTRYPOINT [\"x\"]", "dockerfile-shell-form", NULL, 0, 0},
    {"FROM a:1\nSTOPSIGNAL SIGKILL", "dockerfile-stop-signal",
     "containers are stopped with SIGKILL", 2, 0},
    {"FROM a:1\nSTOPSIGNAL SIGTERM", "dockerfile-stop-signal", NULL, 0, 0},
    {"FROM a:1\nMAINTAINER x", "dockerfile-maintainer", "MAINTAINER is deprecated", 2, 0},
    {"FROM a:1\nLABEL maintainer=x", "dockerfile-maintainer", NULL, 0, 0},
};

static void judges(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct rule_case *c = &cases[i];
    arena_reset(&arena);
    if (scan(c->text) < 0)
      fail_msg("%s: %s", c->text, err.message);
    const struct finding *f = find(c->rule);
    if (!f != !c->message)
      fail_msg("%s: %s %s", c->text, c->rule, f ? "found" : "missed");
    if (!f)
      continue;
    assert_str(f->message, c->message);
    assert_str(f->location.file, "Dockerfile");
    if (f->location.line != c->line)
      fail_msg("%s: %s in line %u", c->text, c->rule, f->location.line);
    assert_int_equal(f->severity, c->severity ? c->severity : f->rule->severity);
  }
}

static void every_rule_is_tested(void **state)
{
  (void)state;
  for (size_t i = 0; i < dockerfile_rule_count; i++) {
    const struct rule *rule = &dockerfile_rules[i];
    unsigned found = 0;
    assert_true(str_starts(rule->id, STR("dockerfile-")));
    assert_true(rule->title.len && rule->why.len && rule->remedy.len && rule->reference_count);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
      if (str_eq(rule->id, str_from(cases[k].rule)))
        found |= cases[k].message ? 1 : 2;
    if (found != 3)
      fail_msg("%s has no case of each kind", rule->id.data);
  }
}

static void a_good_file_is_left_alone(void **state)
{
  (void)state;
  assert_int_equal(
      scan(
          "# syntax=docker/dockerfile:1\nFROM golang:1.23@sha256:"
          "0000000000000000000000000000000000000000000000000000000000000000 AS build\nWORKDIR /src\n"
          "COPY go.mod go.sum ./\nRUN --mount=type=cache,target=/root/.cache go build -o /app .\n"
          "FROM gcr.io/distroless/static@sha256:"
          "0000000000000000000000000000000000000000000000000000000000000000\n"
          "COPY --from=build /app /app\nUSER 10001\nHEALTHCHECK CMD [\"/app\", \"health\"]\n"
          "ENTRYPOINT [\"/app\"]\n"),
      0);
  for (size_t i = 0; i < findings.count; i++)
    fail_msg("%s", findings.items[i].rule->id.data);
}

static void has_limits(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, "FROM a\n");
  for (int i = 0; i < DOCKERFILE_INSTRUCTIONS_MAX; i++)
    buf_add_text(&text, "RUN x\n");
  assert_int_equal(scan(buf_text(&text)), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 2000 instructions");
  buf_clear(&text);
  buf_add_text(&text, "FROM a\nEXPOSE");
  for (int i = 0; i <= DOCKERFILE_WORDS_MAX; i++)
    buf_add_text(&text, " 1");
  assert_int_equal(scan(buf_text(&text)), SW_ELIMIT);
  buf_clear(&text);
  buf_add_text(&text, "FROM a\nRUN");
  for (int i = 0; i <= DOCKERFILE_HEREDOCS_MAX; i++)
    buf_add_text(&text, " <<A");
  for (int i = 0; i <= DOCKERFILE_HEREDOCS_MAX; i++)
    buf_add_text(&text, "\nA");
  assert_int_equal(scan(buf_text(&text)), SW_ELIMIT);
  buf_clear(&text);
  buf_add_repeat(&text, '#', DOCKERFILE_SIZE_MAX + 1);
  assert_int_equal(scan(buf_text(&text)), SW_ELIMIT);
}

/* Values that double with each line stay bounded. */
static void bounds_what_variables_become(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, "ARG A=0123456789abcdef\n");
  for (int i = 0; i < 20; i++)
    buf_add_text(&text, "ARG A=$A$A\n");
  buf_add_text(&text, "FROM $A\n");
  read_ok(buf_text(&text));
  assert_true(file.stages[0].base.len <= DOCKERFILE_VALUE_MAX);
  assert_true(arena_used(&arena) < 10 << 20);
}

static void knows_what_it_cannot_judge(void **state)
{
  (void)state;
  static const struct str registries[] = {STR_INIT("docker.io")};
  const struct dockerfile_options nothing = {.now = 0};
  const struct dockerfile_options all = {.now = NOW, .registries = registries, .registry_count = 1};
  for (size_t i = 0; i < dockerfile_rule_count; i++) {
    const struct rule *rule = &dockerfile_rules[i];
    bool registry = str_eq(rule->id, STR("dockerfile-registry"));
    bool end = str_eq(rule->id, STR("dockerfile-end-of-life"));
    assert_int_equal(dockerfile_asks(&nothing, rule), !registry && !end);
    assert_int_equal(dockerfile_asks(&all, rule), !end);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(knows_its_files, start, stop),
      cmocka_unit_test_setup_teardown(reads_instructions, start, stop),
      cmocka_unit_test_setup_teardown(reads_directives, start, stop),
      cmocka_unit_test_setup_teardown(reads_here_documents, start, stop),
      cmocka_unit_test_setup_teardown(reads_flags_and_words, start, stop),
      cmocka_unit_test_setup_teardown(knows_stages_and_variables, start, stop),
      cmocka_unit_test_setup_teardown(reads_on_build, start, stop),
      cmocka_unit_test_setup_teardown(tells_what_is_wrong, start, stop),
      cmocka_unit_test_setup_teardown(judges, start, stop),
      cmocka_unit_test_setup_teardown(every_rule_is_tested, start, stop),
      cmocka_unit_test_setup_teardown(a_good_file_is_left_alone, start, stop),
      cmocka_unit_test_setup_teardown(has_limits, start, stop),
      cmocka_unit_test_setup_teardown(bounds_what_variables_become, start, stop),
      cmocka_unit_test_setup_teardown(knows_what_it_cannot_judge, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
