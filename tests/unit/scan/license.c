#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/license.h"

static struct arena arena;

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

static struct license read_license(const char *stated)
{
  struct license license;
  license_read(&arena, str_from(stated), &license);
  return license;
}

struct text_case {
  const char *stated, *expression;
};

static void check(const struct text_case *cases, size_t count, bool spdx)
{
  for (size_t i = 0; i < count; i++) {
    struct license license = read_license(cases[i].stated);
    if (!str_eq(license.expression, str_from(cases[i].expression)) || license.spdx != spdx)
      fail_msg("\"%s\" is \"%.*s\" (%s), expected \"%s\"", cases[i].stated,
               STR_FMT(license.expression), license.spdx ? "SPDX" : "not SPDX",
               cases[i].expression);
  }
}

static void reads_expressions(void **state)
{
  (void)state;
  static const struct text_case cases[] = {
      {"MIT", "MIT"},
      {" mit ", "MIT"},
      {"MIT OR Apache-2.0", "MIT OR Apache-2.0"},
      {"(MIT OR Apache-2.0) AND BSD-3-Clause", "(MIT OR Apache-2.0) AND BSD-3-Clause"},
      {"((MIT))", "MIT"},
      {"MIT and (ISC or (Zlib and BSL-1.0))", "MIT AND (ISC OR Zlib AND BSL-1.0)"},
      {"MIT OR ISC AND Zlib", "MIT OR ISC AND Zlib"},
      {"Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"},
      {"apache-2.0 with llvm-exception OR mit", "Apache-2.0 WITH LLVM-exception OR MIT"},
      {"GPL-2.0", "GPL-2.0-only"},
      {"GPL-2.0+", "GPL-2.0-or-later"},
      {"Artistic-1.0-Perl+", "Artistic-1.0-Perl+"},
      {"GPL-2.0-or-later", "GPL-2.0-or-later"},
      {"GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"},
      {"GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"},
      {"LicenseRef-shop-1.0", "LicenseRef-shop-1.0"},
      {"DocumentRef-a:LicenseRef-b AND MIT", "DocumentRef-a:LicenseRef-b AND MIT"},
  };
  check(cases, sizeof cases / sizeof cases[0], true);
}

static void reads_names(void **state)
{
  (void)state;
  static const struct text_case cases[] = {
      /* Fedora */
      {"GPLv2+ and LGPLv2+", "GPL-2.0-or-later AND LGPL-2.0-or-later"},
      {"GPLv3+", "GPL-3.0-or-later"},
      {"LGPLv2", "LGPL-2.0-only"},
      {"GPL+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0-Perl"},
      {"ASL 2.0", "Apache-2.0"},
      {"MPLv2.0", "MPL-2.0"},
      {"BSD with advertising", "BSD-4-Clause"},
      {"(GPLv2+ or LGPLv3+) and BSD", "(GPL-2.0-or-later OR LGPL-3.0-or-later) AND BSD-3-Clause"},
      {"OpenLDAP", "OLDAP-2.8"},
      /* Debian */
      {"GPL-2+ or Artistic, and Expat", "(GPL-2.0-or-later OR Artistic-1.0-Perl) AND MIT"},
      {"LGPL-2.1+", "LGPL-2.1-or-later"},
      {"GPL-2+-with-bison-exception", "GPL-2.0-or-later WITH Bison-exception-2.2"},
      {"GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"},
      /* apk */
      {"GPL2+ LGPL2+", "GPL-2.0-or-later AND LGPL-2.0-or-later"},
      {"MIT BSD GPL2+", "MIT AND BSD-3-Clause AND GPL-2.0-or-later"},
      /* Python */
      {"License :: OSI Approved :: MIT License", "MIT"},
      {"License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)",
       "GPL-3.0-or-later"},
      {"GNU Library or Lesser General Public License (LGPL)", "LGPL-2.0-or-later"},
      {"GNU Lesser General Public License v2 or later (LGPLv2+)", "LGPL-2.0-or-later"},
      {"Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"},
      {"ISC License (ISCL)", "ISC"},
      {"Historical Permission Notice and Disclaimer (HPND)", "HPND"},
      {"Python Software Foundation License", "PSF-2.0"},
      {"BSD 3-Clause \"New\" or \"Revised\" License", "BSD-3-Clause"},
      {"Apache License, Version 2.0, MIT", "Apache-2.0 AND MIT"},
      {"BSD 3-Clause License or Apache License, Version 2.0", "BSD-3-Clause OR Apache-2.0"},
      {"The Unlicense (Unlicense)", "Unlicense"},
      /* Maven */
      {"The Apache Software License, Version 2.0", "Apache-2.0"},
      {"Eclipse Public License v1.0", "EPL-1.0"},
      {"Eclipse Public License - v 2.0", "EPL-2.0"},
      {"Common Development and Distribution License (CDDL) v1.0", "CDDL-1.0"},
      {"GNU General Public License, version 2 with the GNU Classpath Exception",
       "GPL-2.0-only WITH Classpath-exception-2.0"},
      {"http://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"},
      {"https://opensource.org/licenses/MIT", "MIT"},
      {"Bouncy Castle Licence", "MIT"},
      {"GNU General Public License (GPL), version 2, with the Classpath exception",
       "GPL-2.0-only WITH Classpath-exception-2.0"},
      {"GNU Lesser General Public License, Version 2.1, February 1999", "LGPL-2.1-only"},
      {"Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International Public License",
       "CC-BY-NC-SA-4.0"},
      {"https://creativecommons.org/licenses/by-nc-sa/4.0/", "CC-BY-NC-SA-4.0"},
      {"GPL (>= 2)", "GPL-2.0-or-later"},
      /* Cargo, npm */
      {"MIT/Apache-2.0", "MIT OR Apache-2.0"},
      {"MIT)", "MIT"},
      {"MIT/X11", "MIT"},
      {"CC0 1.0 Universal", "CC0-1.0"},
      {"New BSD License", "BSD-3-Clause"},
      {"BSD-2", "BSD-2-Clause"},
      {"zlib/libpng", "Zlib"},
      {"MIT License\n\nCopyright (c) 2019 the authors\n\nPermission is hereby granted", "MIT"},
  };
  check(cases, sizeof cases / sizeof cases[0], true);
}

static void keeps_what_it_does_not_know(void **state)
{
  (void)state;
  static const struct text_case cases[] = {
      {"Shareware", "Shareware"},
      {"MIT AND Shareware", "MIT AND Shareware"},
      {"GPLv2+ with exceptions", "GPLv2+ with exceptions"},
      {"MIT AND", "MIT AND"},
      {"(MIT", "(MIT"},
      {"LicenseRef-", "LicenseRef-"},
      {"see the file that came with it and do what you want",
       "see the file that came with it and do what you want"},
  };
  check(cases, sizeof cases / sizeof cases[0], false);
  assert_int_equal(read_license("GPLv2+ with exceptions").category, LICENSE_RESTRICTED);
  assert_int_equal(read_license("Shareware").category, LICENSE_UNKNOWN);
  assert_int_equal(read_license("MIT AND Shareware").leaf_count, 2);
  assert_str(read_license("a\tb\x01"
                          "c")
                 .expression,
             "a b c");
}

static void states_nothing(void **state)
{
  (void)state;
  static const char *const texts[] = {"", "  ", "NONE", "NOASSERTION", "unknown"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    struct license license = read_license(texts[i]);
    assert_int_equal(license.expression.len, 0);
    assert_int_equal(license.leaf_count + license.step_count, 0);
    assert_false(license.spdx);
    assert_int_equal(license.category, LICENSE_UNKNOWN);
    assert_int_equal(license_spdx(&arena, &license).len, 0);
  }
}

static void writes_spdx(void **state)
{
  (void)state;
  struct license license = read_license("MIT AND (Very Own License or GPLv2+ with exceptions)");
  assert_str(license_spdx(&arena, &license),
             "MIT AND (LicenseRef-Very-Own-License OR LicenseRef-GPLv2--with-exceptions)");
  license = read_license("MIT AND ISC");
  assert_str(license_spdx(&arena, &license), "MIT AND ISC");
  assert_str(license_reference(&arena, STR("a/b_c \xc3\xbc.1")), "LicenseRef-a-b-c---.1");
}

static void knows_categories(void **state)
{
  (void)state;
  static const struct {
    const char *stated;
    enum license_category category;
  } cases[] = {
      {"MIT", LICENSE_NOTICE},
      {"CC0-1.0", LICENSE_UNENCUMBERED},
      {"AGPL-3.0-or-later", LICENSE_FORBIDDEN},
      {"CC-BY-NC-SA-4.0", LICENSE_FORBIDDEN},
      {"CC-BY-SA-4.0", LICENSE_RESTRICTED},
      {"LGPLv2+", LICENSE_RESTRICTED},
      {"GPL-2.0-only WITH Classpath-exception-2.0", LICENSE_RESTRICTED},
      {"MPL-2.0", LICENSE_RECIPROCAL},
      {"EUPL-1.2", LICENSE_UNKNOWN},
      {"MIT OR GPL-3.0-only", LICENSE_NOTICE},
      {"MIT AND GPL-3.0-only", LICENSE_RESTRICTED},
      {"GPL-3.0-only AND MIT", LICENSE_RESTRICTED},
      {"MIT OR EUPL-1.2", LICENSE_UNKNOWN},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    if (read_license(cases[i].stated).category != cases[i].category)
      fail_msg("%s: %d", cases[i].stated, read_license(cases[i].stated).category);
  for (int i = 0; i < LICENSE_CATEGORIES; i++) {
    enum license_category back;
    assert_true(license_category_named(license_category_name((enum license_category)i), &back));
    assert_int_equal(back, i);
  }
  enum license_category none;
  assert_false(license_category_named(STR("fine"), &none));
  assert_int_equal(license_category_severity(LICENSE_FORBIDDEN), SEVERITY_CRITICAL);
  assert_int_equal(license_category_severity(LICENSE_UNKNOWN), SEVERITY_UNKNOWN);
}

static void judges(void **state)
{
  (void)state;
  static const struct str gpl[] = {STR_INIT("gpl-*"), STR_INIT("Restricted")};
  static const struct str few[] = {STR_INIT("MIT"), STR_INIT("Apache-2.0"), STR_INIT("GPL-2.0")};
  static const struct str unknown[] = {STR_INIT("unknown")};
  struct license_policy denies = {.denied = gpl, .denied_count = 2};
  struct license_policy allows = {.allowed = few, .allowed_count = 3};
  const struct license_leaf *leaf = NULL;
  struct license license = read_license("MIT OR GPL-3.0-only");
  assert_true(license_allowed(&license, &denies, &leaf));
  license = read_license("MIT AND (GPL-3.0-only OR LGPL-2.1-only)");
  assert_false(license_allowed(&license, &denies, &leaf));
  assert_str(leaf->id, "GPL-3.0-only");
  assert_true(license_allowed(&license, &(struct license_policy){0}, NULL));
  license = read_license("Apache-2.0 WITH LLVM-exception AND GPL-2.0-or-later");
  assert_true(license_allowed(&license, &allows, &leaf));
  license = read_license("MIT AND ISC");
  assert_false(license_allowed(&license, &allows, &leaf));
  assert_str(leaf->id, "ISC");
  license = read_license("");
  assert_true(license_allowed(&license, &denies, &leaf));
  assert_false(license_allowed(&license, &allows, &leaf));
  assert_null(leaf);
  allows = (struct license_policy){.allowed = unknown, .allowed_count = 1};
  assert_true(license_allowed(&license, &allows, &leaf));
}

static void keeps_limits(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  for (int i = 0; i < LICENSE_LEAVES_MAX; i++)
    buf_add_text(&text, i ? " OR MIT" : "MIT");
  struct license license = read_license(buf_text(&text));
  assert_int_equal(license.leaf_count, LICENSE_LEAVES_MAX);
  assert_true(license.spdx);
  buf_add_text(&text, " OR MIT");
  license = read_license(buf_text(&text));
  assert_int_equal(license.leaf_count, 1);
  assert_int_equal(license.leaves[0].id.len, LICENSE_NAME_MAX);
  assert_false(license.spdx);
  buf_clear(&text);
  buf_add_repeat(&text, '(', LICENSE_DEPTH_MAX);
  buf_add_text(&text, "MIT");
  buf_add_repeat(&text, ')', LICENSE_DEPTH_MAX);
  assert_str(read_license(buf_text(&text)).expression, "MIT");
  buf_clear(&text);
  buf_add_repeat(&text, '(', LICENSE_DEPTH_MAX + 1);
  buf_add_text(&text, "MIT");
  buf_add_repeat(&text, ')', LICENSE_DEPTH_MAX + 1);
  assert_false(read_license(buf_text(&text)).spdx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_expressions),
      cmocka_unit_test(reads_names),
      cmocka_unit_test(keeps_what_it_does_not_know),
      cmocka_unit_test(states_nothing),
      cmocka_unit_test(writes_spdx),
      cmocka_unit_test(knows_categories),
      cmocka_unit_test(judges),
      cmocka_unit_test(keeps_limits),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
