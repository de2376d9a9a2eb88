#include "builtins.h"

static const struct call calls[] = {
    {"graph.reachable", "[{\"a\":[\"b\"],\"b\":[\"c\"],\"c\":[\"a\"],\"d\":[]},[\"a\"]]",
     "{\"a\", \"b\", \"c\"}"},
    {"graph.reachable", "[{\"a\":null},[\"a\"]]", "{\"a\"}"},
    {"graph.reachable", "[{},[\"a\"]]", "set()"},
    {"graph.reachable", "[1,[1]]",
     "type: graph.reachable: operand 1 must be object but got number"},
    {"graph.reachable_paths", "[{\"a\":[\"b\",\"c\"],\"b\":[\"c\"],\"c\":[]},[\"a\"]]",
     "{[\"a\", \"b\", \"c\"], [\"a\", \"c\"]}"},
    {"graph.reachable_paths", "[{\"a\":[\"b\"],\"b\":[\"nonexistent\"]},[\"a\",\"b\"]]",
     "{[\"a\", \"b\"], [\"b\"]}"},
    {"graph.reachable_paths", "[{\"a\":[\"b\"],\"b\":[\"c\"],\"c\":[\"a\"]},[\"a\"]]",
     "{[\"a\", \"b\", \"c\"]}"},
    {"graph.reachable_paths", "[{\"a\":null},[\"a\"]]", "{[\"a\"]}"},
    {"walk", "[{\"b\":[1],\"a\":2}]",
     "[[[], {\"a\": 2, \"b\": [1]}], [[\"a\"], 2], [[\"b\"], [1]], [[\"b\", 0], 1]]"},
    {"walk", "[1]", "[[[], 1]]"},
    {"walk", "[{\"$set\":[{\"$set\":[1]}]}]", "[[[], {{1}}], [[{1}], {1}], [[{1}, 1], 1]]"},
};

TEST_TABLE(calls)
