/*
 * analyzer.h - what clang-tidy is told beside each file (`./dev lint`).
 *
 * The analyzer sees one file at a time, and so takes `return error_set(...)` for something that may
 * return 0, and follows the way of success with nothing filled in. These say what is returned.
 */
#ifndef SEAWALL_TOOLS_ANALYZER_H
#define SEAWALL_TOOLS_ANALYZER_H

#include "base/error.h"
#include "data/pointer_int.h"

#define error_set(err, code, ...) (error_set((err), (code), __VA_ARGS__), (code))
#define error_set_at(err, code, ...) (error_set_at((err), (code), __VA_ARGS__), (code))
#define error_set_errno(err, number, ...) (error_set_errno((err), (number), __VA_ARGS__), SW_EIO)
#define error_wrap(err, ...) (error_wrap((err), __VA_ARGS__), SW_EINVAL)
#define pointer_missing(...) (pointer_missing(__VA_ARGS__), SW_ENOTFOUND)

#endif
