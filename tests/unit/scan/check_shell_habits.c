#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/check/shell_habits.h"

static struct arena arena;
static struct shell_habits habits;

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

static uint32_t read_script(const char *script)
{
  uint32_t found = 0;
  arena_reset(&arena);
  shell_habits_read(str_from(script), &arena, &habits);
  for (size_t i = 0; i < habits.count; i++)
    found |= UINT32_C(1) << habits.items[i].habit;
  return found;
}

static const struct shell_sign *sign_of(enum shell_habit habit)
{
  for (size_t i = 0; i < habits.count; i++)
    if (habits.items[i].habit == habit)
      return &habits.items[i];
  fail_msg("there is no sign of habit %d", (int)habit);
  return NULL;
}

struct script_case {
  const char *script;
  bool expected;
};

static void check(enum shell_habit habit, const struct script_case *cases)
{
  for (size_t i = 0; cases[i].script; i++) {
    bool found = read_script(cases[i].script) >> habit & 1;
    if (found != cases[i].expected)
      fail_msg("habit %d is %s in: %s", (int)habit, found ? "found" : "missed", cases[i].script);
  }
}

static void sees_downloads_that_are_run(void **state)
{
  (void)state;
  static const struct script_case cases[] = {
      {"curl https://x/install.sh | sh", true},
      {"wget -qO- https://x/install.sh | bash -s -- -y", true},
      {"curl -fsSL https://x | sudo -E bash -", true},
      {"curl x | gunzip | python3 -", true},
      {"curl x \\\n  | sh", true},
      {"curl x |\n sh", true},
      {"{ curl x; echo; } | sh", true},
      {"bash -c \"$(curl -fsSL https://x)\"", true},
      {"bash <(curl -s https://x)", true},
      {"source <(curl -s https://x)", true},
      {"eval `wget -O- https://x`", true},
      {"sh -c 'curl https://x | sh'", true},
      {"curl -o /tmp/get.sh https://x && sh /tmp/get.sh", true},
      {"curl -fsSLO https://x/get.sh; chmod +x get.sh; ./get.sh", true},
      {"wget https://x/get.sh && bash get.sh", true},
      {"curl https://x > a.sh && sh a.sh", true},
      {"curl -o a.sh https://x && echo '123 a.sh' | sha256sum -c && sh a.sh", false},
      {"wget -O /bin/x https://x; sh -n /bin/x", false},
      {"curl https://x | tar xz", false},
      {"curl https://x | gpg --import", false},
      {"curl https://x | python3 -c 'import json'", false},
      {"curl https://x | sh script.sh", false},
      {"echo 'curl x | sh'", false},
      {"# curl x | sh", false},
      {"VERSION=$(curl https://x) make", false},
      {"bash build.sh $(curl https://x/version)", false},
      {"curl https://x -o a.tgz && tar xf a.tgz", false},
      {"cat <<EOF > x\ncurl x | sh\nEOF\n", false},
      {0},
  };
  check(SHELL_PIPE_TO_SHELL, cases);
}

static void sees_checks_switched_off(void **state)
{
  (void)state;
  static const struct script_case cases[] = {
      {"apt-get install -y --allow-unauthenticated x", true},
      {"yum install -y --nogpgcheck x", true},
      {"apk add --allow-untrusted x.apk", true},
      {"curl -k https://x", true},
      {"curl -sk https://x", true},
      {"curl --insecure https://x", true},
      {"wget --no-check-certificate https://x", true},
      {"pip install --trusted-host x y", true},
      {"git config --global http.sslVerify false", true},
      {"npm config set strict-ssl false", true},
      {"echo 'deb [trusted=yes] http://x ./' > /etc/apt/sources.list", true},
      {"echo 'deb [trusted=yes] file:///tmp/x ./' > /etc/apt/sources.list", false},
      {"apt-get install -y x", false},
      {"curl -fsSL https://x", false},
      {"tar -k xf x", false},
      {0},
  };
  check(SHELL_UNVERIFIED, cases);
  static const struct script_case plain[] = {
      {"curl http://example.org/x", true},
      {"wget -q http://example.org", true},
      {"curl https://example.org/x", false},
      {"curl http://localhost:8080/", false},
      {"curl http://$HOST/", false},
      {"echo http://example.org", false},
      {0},
  };
  check(SHELL_PLAIN_HTTP, plain);
}

static void sees_secrets(void **state)
{
  (void)state;
  static const struct script_case cases[] = {
      {"export AWS_SECRET_ACCESS_KEY=abcdef", true},
      {"DB_PASSWORD=hunter2 ./migrate", true},
      {"tool --password=hunter2", true},
      {"tool --password hunter2", true},
      {"curl -u user:hunter2 https://x", true},
      {"git clone https://user:hunter2@example.org/x.git", true},
      {"echo 'root:hunter2' | chpasswd", true},
      {"aws configure set aws_secret_access_key abcdef", true},
      {"docker login -u me -p hunter2", true},
      {"sshpass -p hunter2 ssh x", true},
      {"mysql -u root -phunter2 -e 'select 1'", true},
      {"mysqldump -phunter2 shop", true},
      {"curl -H 'Authorization: Bearer abcdef' https://x", true},
      {"wget --header='Authorization: Basic YWxpY2U6aHVudGVyMg==' https://x", true},
      {"curl --header \"X-Api-Key: abcdef\" https://x", true},
      {"mysql -u root -p -e 'select 1'", false},
      {"mysql -p$MYSQL_PASSWORD", false},
      {"mkdir -phunter2", false},
      {"curl -H \"Authorization: Bearer $TOKEN\" https://x", false},
      {"curl -H 'Authorization: Bearer' https://x", false},
      {"curl -H 'Accept: application/json' https://x", false},
      {"export AWS_SECRET_ACCESS_KEY=$KEY", false},
      {"DB_PASSWORD=$(cat /run/secrets/db) ./migrate", false},
      {"tool --password \"$PASSWORD\"", false},
      {"tool --password --user x", false},
      {"curl -u user https://x", false},
      {"curl -u \"user:$PASS\" https://x", false},
      {"git clone https://example.org/x.git", false},
      {"git clone https://user:${TOKEN}@example.org/x.git", false},
      {"echo hello | chpasswd", false},
      {"mkdir -p hunter2", false},
      {"GPG_KEY=ABCDEF gpg --recv-keys", false},
      {"key='some text'; gpg --recv-keys $key", false},
      {"api_key='some text'", true},
      {0},
  };
  check(SHELL_SECRET, cases);
  read_script("echo a && tool --password hunter2");
  const struct shell_sign *s = sign_of(SHELL_SECRET);
  assert_str(s->command, "tool"); /* nothing of the secret */
  assert_str(s->detail, "--password");
}

static void sees_rights_given_away(void **state)
{
  (void)state;
  static const struct script_case sudo[] = {
      {"sudo apt-get update", true},     {"cd /x && sudo make", true},
      {"/usr/bin/sudo -u x make", true}, {"apt-get install -y sudo", false},
      {"echo sudo make", false},         {0},
  };
  check(SHELL_SUDO, sudo);
  static const struct script_case modes[] = {
      {"chmod 777 /x", true},
      {"chmod -R 0777 /x", true},
      {"chmod a+w x", true},
      {"chmod o+rwx x", true},
      {"chmod u+x,o+w x", true},
      {"chmod 666 x", true},
      {"mkdir -m 777 x", true},
      {"install -m 0777 a b", true},
      {"chmod a=rwx x", true},
      {"chmod 755 x", false},
      {"chmod 1777 /tmp", false},
      {"chmod +x x", false},
      {"chmod a+r x", false},
      {"chmod g+w 777", false},
      {"chmod u+w x", false},
      {"chmod --reference=a b", false},
      {0},
  };
  check(SHELL_WORLD_WRITABLE, modes);
  static const struct script_case setuid[] = {
      {"chmod 4755 /x", true},
      {"chmod -R 06755 /x", true},
      {"chmod u+s x", true},
      {"chmod +s x", true},
      {"chmod a+x,u=rwxs x", true},
      {"install -m 4711 a b", true},
      {"chmod 2755 x", false},
      {"chmod g+s x", false},
      {"chmod u-s,g-s x", false},
      {"chmod a-s x", false},
      {"chmod 755 4755", false},
      {"mkdir -m 4755 x", false},
      {"find / -perm /6000 -exec chmod a-s {} +", false},
      {0},
  };
  check(SHELL_SETUID, setuid);
}

static void sees_updates(void **state)
{
  (void)state;
  static const struct script_case alone[] = {
      {"apt-get update", true},
      {"apt-get update && apt-get clean", true},
      {"apk update", true},
      {"zypper ref", true},
      {"dnf makecache", true},
      {"apt-get update && apt-get install -y x", false},
      {"apt-get -o X=1 update; apt install -y x", false},
      {"apk update && apk add x", false},
      {"apt-get install -y x", false},
      {"apt-get update; apt-get dist-clean", false},
      {"git update", false},
      {0},
  };
  check(SHELL_UPDATE_ALONE, alone);
  static const struct script_case upgrade[] = {
      {"apt-get upgrade -y", true}, {"apk upgrade", true},
      {"yum -y update", true},      {"yum -y update bash", false},
      {"zypper -n up", true},       {"apt-get dist-upgrade", false},
      {"apk add upgrade", false},   {0},
  };
  check(SHELL_UPGRADE, upgrade);
  static const struct script_case dist[] = {
      {"apt-get dist-upgrade -y", true},
      {"apt full-upgrade -y", true},
      {"zypper -n dup", true},
      {"apt-get upgrade -y", false},
      {0},
  };
  check(SHELL_DIST_UPGRADE, dist);
}

static void sees_how_packages_are_installed(void **state)
{
  (void)state;
  static const struct script_case yes[] = {
      {"apt-get install x", true},
      {"yum install x", true},
      {"zypper install x", true},
      {"dnf install x", true},
      {"apt-get install -y x", false},
      {"apt-get -qq install x", false},
      {"apt-get -qy install x", false},
      {"yes | apt-get install x", false},
      {"apt-get --yes install x", false},
      {"zypper -n install x", false},
      {"zypper --non-interactive in x", false},
      {"apk add x", false},
      {"apt-get install -s x", false},
      {"apt-get -q -q install x", false},
      {"dnf install --assumeyes x", false},
      {0},
  };
  check(SHELL_NO_YES, yes);
  static const struct script_case recommends[] = {
      {"apt-get install -y x", true},
      {"apt-get install -y --no-install-recommends x", false},
      {"apt-get -o APT::Install-Recommends=0 install -y x", false},
      {"apt-get update", false},
      {"yum install -y x", false},
      {0},
  };
  check(SHELL_RECOMMENDS, recommends);
  static const struct script_case apt[] = {
      {"apt install -y x", true}, {"apt-get install -y x", false}, {"apt list", false}, {0}};
  check(SHELL_APT, apt);
  static const struct script_case ssh[] = {
      {"apt-get install -y curl openssh-server", true},
      {"apk add openssh", true},
      {"apk add openssh-client", false},
      {"apt-get install -y openssh-client", false},
      {"apt-get remove -y openssh-server", false},
      {0},
  };
  check(SHELL_SSH_SERVER, ssh);
}

static void sees_what_is_left_behind(void **state)
{
  (void)state;
  static const struct {
    enum shell_habit habit;
    const char *left, *clean, *clean_too;
  } cases[] = {
      {SHELL_APT_LEFT, "apt-get update && apt-get install -y x && apt-get clean",
       "apt-get install -y x && rm -rf /var/lib/apt/lists/*",
       "apt-get install -y x && apt-get dist-clean"},
      {SHELL_APT_LEFT, "rm -rf /var/lib/apt/lists/* && apt-get install -y x",
       "apt-get install -y x; find /var/lib/apt/lists -delete", "apt-get remove x"},
      {SHELL_APK_LEFT, "apk add x", "apk add --no-cache x", "apk add x && rm -rf /var/cache/apk/*"},
      {SHELL_YUM_LEFT, "yum install -y x", "yum install -y x && yum clean all",
       "yum install -y x && rm -rf /var/cache/yum"},
      {SHELL_DNF_LEFT, "dnf install -y x", "dnf -y install x && dnf clean all",
       "dnf install -y x && yum clean all"},
      {SHELL_MICRODNF_LEFT, "microdnf install x", "microdnf install x && microdnf clean all",
       "microdnf remove x"},
      {SHELL_ZYPPER_LEFT, "zypper -n in x", "zypper -n in x && zypper clean -a",
       "zypper -n in x && zypper cc"},
      {SHELL_PIP_LEFT, "python3 -m pip install x", "pip install --no-cache-dir x",
       "pip3 install x && pip3 cache purge"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct script_case three[] = {
        {cases[i].left, true}, {cases[i].clean, false}, {cases[i].clean_too, false}, {0}};
    check(cases[i].habit, three);
  }
}

static void sees_smaller_things(void **state)
{
  (void)state;
  static const struct script_case cd[] = {
      {"cd /app && make", true}, {"make && cd /app", false}, {"echo cd /x", false}, {0}};
  check(SHELL_CD, cd);
  read_script("curl https://a && sh -c 'wget https://b'");
  assert_true(habits.curl && habits.wget);
  read_script("curl https://a; echo wget");
  assert_true(habits.curl && !habits.wget);
}

static void says_where(void **state)
{
  (void)state;
  read_script("set -e;\n  FOO=1 sudo  make \\\n install ; echo");
  const struct shell_sign *s = sign_of(SHELL_SUDO);
  assert_int_equal(s->offset, 10);
  assert_str(s->command, "FOO=1 sudo  make \\\n install");
  read_script("true && sh -c 'x; sudo y'");
  s = sign_of(SHELL_SUDO);
  assert_int_equal(s->offset, 8);
  assert_str(s->command, "sh -c 'x; sudo y'");
}

static void reads_what_no_shell_takes(void **state)
{
  (void)state;
  static const char *const scripts[] = {
      "",
      "'",
      "\"",
      "\\",
      "$(",
      "`",
      "<(",
      "${",
      "$((",
      "<<",
      "<<EOF",
      "|",
      "&&",
      ")",
      "}",
      "((((",
      "a | | b",
      "if",
      "\"$(",
      "\"`",
      "2>",
      "$'",
      "sh -c",
      "curl |",
      "| sh",
      "sudo",
      "env -u",
      "apt-get",
      "chmod",
      "chmod ''",
      "tool --password ''",
      "python3 -m",
      "apt-get -o",
  };
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
    read_script(scripts[i]);
    assert_false(habits.cut);
  }
}

static void has_limits(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  for (int i = 0; i < SHELL_COMMANDS_MAX + 1; i++)
    buf_add_text(&text, "a;");
  read_script(buf_text(&text));
  assert_true(habits.cut);
  buf_clear(&text);
  for (int i = 0; i < 100; i++)
    buf_add_text(&text, "$(");
  read_script(buf_text(&text));
  assert_true(habits.cut);
  buf_clear(&text);
  buf_add_text(&text, "sudo ");
  buf_add_repeat(&text, 'x', SHELL_SCRIPT_MAX);
  assert_true(read_script(buf_text(&text)) >> SHELL_SUDO & 1);
  assert_true(habits.cut);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(sees_downloads_that_are_run, start, stop),
      cmocka_unit_test_setup_teardown(sees_checks_switched_off, start, stop),
      cmocka_unit_test_setup_teardown(sees_secrets, start, stop),
      cmocka_unit_test_setup_teardown(sees_rights_given_away, start, stop),
      cmocka_unit_test_setup_teardown(sees_updates, start, stop),
      cmocka_unit_test_setup_teardown(sees_how_packages_are_installed, start, stop),
      cmocka_unit_test_setup_teardown(sees_what_is_left_behind, start, stop),
      cmocka_unit_test_setup_teardown(sees_smaller_things, start, stop),
      cmocka_unit_test_setup_teardown(says_where, start, stop),
      cmocka_unit_test_setup_teardown(reads_what_no_shell_takes, start, stop),
      cmocka_unit_test_setup_teardown(has_limits, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
