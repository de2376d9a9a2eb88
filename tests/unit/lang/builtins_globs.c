#include "builtins.h"

static const struct call calls[] = {
    {"regex.globs_match", "[\"[a-z]+\",\"[0-9]*\"]", "false"},
    {"regex.globs_match", "[\"b.*\",\"bar\"]", "true"},
    {"regex.globs_match", "[\"[a-z]+\\\\[[0-9]+\\\\]\",\"foo\\\\[1\\\\]\"]", "true"},
    {"regex.globs_match", "[\"a+\",\"aa\"]", "true"},
    {"regex.globs_match", "[\"a+b+c\",\"abbbbc\"]", "true"},
    {"regex.globs_match", "[\"a+b+c\",\"ac\"]", "false"},
    {"regex.globs_match", "[\"a*\",\"\"]", "true"},
    {"regex.globs_match", "[\"a+\",\"\"]", "false"},
    {"regex.globs_match", "[\".*x.*\",\"[a-c]*\"]", "false"},
    {"regex.globs_match", "[\".*x.*\",\"[a-x]+y\"]", "true"},
    {"regex.globs_match", "[\"a.a*\",\"..\\u00e4\"]", "false"},
    {"regex.globs_match", "[\"pqrs]\",\"[a-b]+\"]",
     "error: regex.globs_match: input:pqrs], pos:5, set-close ']' with no preceding '[': the input "
     "provided is invalid"},
    {"regex.globs_match", "[\"a\",\"[a\"]",
     "error: regex.globs_match: input:[a, pos:2, found [ without matching ]: the input provided is "
     "invalid"},
    {"regex.globs_match", "[\"*\",\"a\"]",
     "error: regex.globs_match: input:*, pos:1, flag must be preceded by a non-flag: the input "
     "provided is invalid"},
    {"regex.globs_match", "[1,\"a\"]",
     "type: regex.globs_match: operand 1 must be string but got number"},
};

TEST_TABLE(calls)
