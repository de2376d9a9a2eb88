#include "language_test.h"

#include "scan/language/ruby.h"

static void says_what_it_wants(void **state)
{
  (void)state;
  assert_true(ruby_wants(STR("usr/lib/ruby/gems/3.1.0/specifications/rake-13.0.gemspec"), 0));
  assert_true(ruby_wants(STR("specifications/default/json-2.6.gemspec"), 0));
  assert_false(ruby_wants(STR("gems/rake-13.0/rake.gemspec"), LOCKED));
  assert_false(ruby_wants(STR("Gemfile.lock"), 0));
  assert_true(ruby_wants(STR("app/Gemfile.lock"), LOCKED));
  assert_true(ruby_wants(STR("gems.locked"), LOCKED));
  assert_false(ruby_wants(STR("Gemfile"), LOCKED));
  language_refuse(ruby_read, "Gemfile", STR(""), LOCKED, SW_EUSAGE, "not one of Ruby's", 0);
}

static void reads_specifications(void **state)
{
  (void)state;
  static const char path[] = "specifications/a-1.0.gemspec";
  static const char text[] =
      "# -*- encoding: utf-8 -*-\n# stub: a 1.0 ruby lib\n\n"
      "Gem::Specification.new do |s|\n"
      "  s.name = \"a\".freeze\n"
      "  s.version = \"1.0\"\n\n"
      "  s.required_rubygems_version = Gem::Requirement.new(\">= 0\".freeze)\n"
      "  s.metadata = { \"name\" => \"x\" } if s.respond_to? :metadata=\n"
      "  s.licenses = [\"MIT\".freeze, 'Ruby']\n"
      "  s.add_dependency(%q<b>.freeze, [\">= 2\".freeze])\n"
      "end\n";
  language_check(ruby_read, path, str_from(text), INSTALLED, "a@1.0 (MIT OR Ruby)\n");
  language_check_purl(ruby_read, path, str_from(text), INSTALLED, "pkg:gem/a@1.0");
  language_check(
      ruby_read, path,
      STR("Gem::Specification.new do |spec|\nspec.name='b'\nspec.version = Gem::Version.new(\"2.0.rc1\")\n"
          "spec.license = \"BSD\"\n"),
      INSTALLED, "b@2.0.rc1 (BSD)\n");
  language_refuse(ruby_read, path, STR("s.name = \"a\"\ns.version = VERSION\n"), INSTALLED,
                  SW_EINVAL, "does not set a version", 0);
  language_refuse(ruby_read, path, STR("s.version = \"1\"\ns.name = \"a"), INSTALLED, SW_EINVAL,
                  "does not set a name", 0);
}

static void reads_lock_files(void **state)
{
  (void)state;
  language_check(
      ruby_read, "Gemfile.lock",
      STR("GIT\n  remote: https://x/y.git\n  revision: 01\n  specs:\n    y (0.1.0)\n      a (>= 1)\n\n"
          "GEM\n  remote: https://gems.example/\n  specs:\n"
          "    a (1.2.3)\n      b (~> 2.0)\n    b (2.0.1-x86_64-linux)\r\n    b (2.0.1)\n"
          "    c (3.0.0.rc1)\n    broken\n\n"
          "PLATFORMS\n  x86_64-linux\n    d (1.0)\n\n"
          "DEPENDENCIES\n  a\n  c (~> 3.0)\n  y!\n\n"
          "BUNDLED WITH\n   2.3.7\n"),
      LOCKED, "y@0.1.0\na@1.2.3\nb@2.0.1 indirect\nc@3.0.0.rc1\n");
  language_check(ruby_read, "Gemfile.lock", STR(""), LOCKED, "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(says_what_it_wants),
      cmocka_unit_test(reads_specifications),
      cmocka_unit_test(reads_lock_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
