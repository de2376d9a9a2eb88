#include "builtins.h"

static const struct call calls[] = {
    {"json.match_schema",
     "[{\"id\":5},{\"properties\":{\"id\":{\"type\":\"integer\"}},\"required\":[\"id\"]}]",
     "[true, []]"},
    {"json.match_schema",
     "[\"{\\\"id\\\": \\\"x\\\"}\",{\"properties\":{\"id\":{\"type\":\"integer\"}}}]",
     "[false, [{\"desc\": \"Invalid type. Expected: integer, given: string\", \"error\": "
     "\"id: Invalid type. Expected: integer, given: string\", \"field\": \"id\", \"type\":"
     " \"invalid_type\"}]]"},
    {"json.match_schema",
     "[{\"s\":{\"$set\":[1,1,2]}},{\"properties\":{\"s\":{\"type\":\"array\",\"uniqueItems"
     "\":true}}}]",
     "[true, []]"},
    {"json.match_schema", "[{\"$object\":[[1,2]]},{\"properties\":{\"1\":{\"type\":\"string\"}}}]",
     "[false, [{\"desc\": \"Invalid type. Expected: string, given: integer\", \"error\": "
     "\"1: Invalid type. Expected: string, given: integer\", \"field\": \"1\", \"type\": "
     "\"invalid_type\"}]]"},
    {"json.match_schema", "[1,{}]",
     "error: json.match_schema: wrong type, expected string or object"},
    {"json.match_schema", "[\"{\",{}]", "error: json.match_schema: invalid JSON string"},
    {"json.match_schema", "[{},\"[\"]", "error: json.match_schema: invalid JSON string"},
    {"json.match_schema", "[{},{\"type\":\"nope\"}]",
     "error: json.match_schema: has a primitive type that is NOT VALID -- given: /nope/ Ex"
     "pected valid values are:[array boolean integer number null object string]"},
    {"json.match_schema", "[{},{\"$ref\":\"#\"}]",
     "halt: json.match_schema: checking against the schema takes too much"},
    {"json.verify_schema", "[{\"type\":\"boolean\"}]", "[true, null]"},
    {"json.verify_schema", "[\"{\\\"type\\\": \\\"x\\\"}\"]",
     "[false, \"jsonschema: has a primitive type that is NOT VALID -- given: /x/ Expected "
     "valid values are:[array boolean integer number null object string]\"]"},
    {"json.verify_schema", "[5]", "[false, \"jsonschema: wrong type, expected string or object\"]"},
    {"json.verify_schema", "[[1]]", "[false, \"jsonschema: schema is invalid\"]"},
    {"json.verify_schema", "[\"x\"]", "[false, \"jsonschema: invalid JSON string\"]"},
    {"json.verify_schema", "[{\"properties\":{\"a\":{\"$ref\":\"#/definitions/b\"}}}]",
     "[false, \"jsonschema: Object has no key 'definitions'\"]"},
};

TEST_TABLE(calls)
