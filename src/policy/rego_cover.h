/*
 * rego_cover.h - which lines of the policies an evaluation went through.
 *
 * A line is covered if an expression that begins on it was evaluated, or if a rule
 * whose head begins on it held; it is not covered if it has an expression or a rule
 * and neither happened. Those are OPA's terms, and so is the report.
 *
 *     struct rego_cover *cover = rego_cover_new(program);   compiled with `instrument`
 *     rego_cover_modules(cover, modules, count);            what the program left out counts, too
 *     struct rego_observer observer = rego_cover_observer(cover);
 *     run.observer = &observer;
 *     ... rego_begin, rego_ask ...
 *     struct value report = rego_cover_report(cover, &arena);
 *
 * Ownership: the program must outlive the cover. What rego_cover_report gives lies in
 * the arena and views names of files in the program.
 * Thread safety: a cover belongs to one thread; each worker has its own, and
 * rego_cover_add puts them together.
 */
#ifndef SEAWALL_POLICY_REGO_COVER_H
#define SEAWALL_POLICY_REGO_COVER_H

#include "base/buf.h"
#include "lang/rego/rego.h"

struct rego_cover;

/* Nothing covered yet. */
struct rego_cover *rego_cover_new(const struct rego_program *program);
void rego_cover_free(struct rego_cover *cover);
MEM_DEFINE_CLEANUP(struct rego_cover, rego_cover_free)

/* The modules whose lines count. A program holds only what its entries need, so without this, rules
 * that nothing asks for are missing from the report. The modules' names must outlive the cover. */
void rego_cover_modules(struct rego_cover *cover, const struct rego_module *const *modules,
                        uint32_t count);

/* Notes one event: for those who have an observer of their own. */
void rego_cover_note(struct rego_cover *cover, enum rego_event event, uint32_t point);

/* An observer that does nothing else; valid as long as the cover. */
struct rego_observer rego_cover_observer(struct rego_cover *cover);

/* Adds what another cover of the same program has seen. */
void rego_cover_add(struct rego_cover *cover, const struct rego_cover *other);

/*
 * The report, as `opa test --coverage` and `opa eval --coverage` write it:
 *
 *     {"files": {"shop.rego": {"covered": [{"start": {"row": 3}, "end": {"row": 5}}],
 *                              "not_covered": [...], "covered_lines": 3,
 *                              "not_covered_lines": 1, "coverage": 75}},
 *      "covered_lines": 3, "not_covered_lines": 1, "coverage": 75}
 *
 * Files are sorted by name; those without rules are left out, and so are empty lists. `coverage` is in
 * percent, not rounded; of nothing at all it is 0. Declarations (`some x`) are not counted.
 */
struct value rego_cover_report(const struct rego_cover *cover, struct arena *a);

/* The same for people: a line for each file with its percentage, and the lines that are not covered.
 *
 *     shop.rego       75.00 %   3 of 4 lines, not covered: 7, 12-14
 *     all             75.00 %   3 of 4 lines
 */
void rego_cover_text(const struct rego_cover *cover, struct buf *out);

/* Lines of all files together. */
struct rego_cover_lines {
  uint64_t covered, not_covered;
};
struct rego_cover_lines rego_cover_lines(const struct rego_cover *cover);

/* 100 * covered / all, not rounded; 0 if there are no lines. */
double rego_cover_percent(struct rego_cover_lines lines);

#endif
