#include "builtins.h"

static const struct call calls[] = {
    {"graphql.parse_query",
     "[\"{ a: hello(who: \\\"x\\\") @skip(if: true) { ...F ... on Hello { world } } } frag"
     "ment F on Hello { world }\"]",
     "{\"Fragments\": [{\"Name\": \"F\", \"SelectionSet\": [{\"Alias\": \"world\", \"Name"
     "\": \"world\"}], \"TypeCondition\": \"Hello\"}], \"Operations\": [{\"Name\": \"\", "
     "\"Operation\": \"query\", \"SelectionSet\": [{\"Alias\": \"a\", \"Arguments\": [{\"N"
     "ame\": \"who\", \"Value\": {\"ExpectedTypeHasDefault\": false, \"Kind\": 3, \"Raw\":"
     " \"x\"}}], \"Directives\": [{\"Arguments\": [{\"Name\": \"if\", \"Value\": {\"Expect"
     "edTypeHasDefault\": false, \"Kind\": 5, \"Raw\": \"true\"}}], \"Location\": \"\", \""
     "Name\": \"skip\"}], \"Name\": \"hello\", \"SelectionSet\": [{\"Name\": \"F\"}, {\"Se"
     "lectionSet\": [{\"Alias\": \"world\", \"Name\": \"world\"}], \"TypeCondition\": \"He"
     "llo\"}]}]}]}"},
    {"graphql.parse_schema",
     "[\"\\\"D\\\" enum E { A B @deprecated } extend type T implements I\"]",
     "{\"Definitions\": [{\"BuiltIn\": false, \"Description\": \"D\", \"EnumValues\": [{\""
     "Description\": \"\", \"Name\": \"A\"}, {\"Description\": \"\", \"Directives\": [{\"L"
     "ocation\": \"\", \"Name\": \"deprecated\"}], \"Name\": \"B\"}], \"Kind\": \"ENUM\", "
     "\"Name\": \"E\"}], \"Extensions\": [{\"BuiltIn\": false, \"Description\": \"\", \"In"
     "terfaces\": [\"I\"], \"Kind\": \"OBJECT\", \"Name\": \"T\"}]}"},
    {"graphql.parse_query", "[\"{ field: {} }\"]",
     "error: graphql.parse_query: Expected Name, found { in GraphQL string at location 1:10"},
    {"graphql.parse_schema", "[\"union A = |\"]",
     "error: graphql.parse_schema: Expected Name, found <EOF> in GraphQL string at location 1:12"},
    {"graphql.parse_query", "[1]",
     "type: graphql.parse_query: operand 1 must be string but got number"},
    {"graphql.is_valid",
     "[\"{ hello(who: \\\"x\\\") { world } }\",\"type Query { hello(who: String!): Hello }"
     " type Hello { world: String }\"]",
     "true"},
    {"graphql.is_valid",
     "[\"{ hello { world } }\",\"type Query { hello(who: String!): Hello } type Hello { wo"
     "rld: String }\"]",
     "false"},
    {"graphql.is_valid",
     "[\"{\",\"type Query { hello(who: String!): Hello } type Hello { world: String }\"]", "false"},
    {"graphql.is_valid",
     "[1,\"type Query { hello(who: String!): Hello } type Hello { world: String }\"]", "false"},
    {"graphql.parse",
     "[\"{ hello(who: \\\"x\\\") { wrld } }\",\"type Query { hello(who: String!): Hello } "
     "type Hello { world: String }\"]",
     "error: graphql.parse: Cannot query field \"wrld\" on type \"Hello\". Did you mean \""
     "world\"? in GraphQL string at location 1:21"},
    {"graphql.parse",
     "[\"{ hello { world } other }\",\"type Query { hello(who: String!): Hello } type Hell"
     "o { world: String }\"]",
     "error: graphql.parse: Field \"hello\" argument \"who\" of type \"String!\" is requir"
     "ed, but it was not provided.\n"
     "input:1:19: Cannot query field \"other\" on type \"Query\" in GraphQL string at loca"
     "tion 1:3"},
    {"graphql.parse", "[\"{ x }\",\"type Query { a: Nope }\"]",
     "error: graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:"
     "1:17: Undefined type Nope."},
    {"graphql.parse",
     "[true,\"type Query { hello(who: String!): Hello } type Hello { world: String }\"]",
     "type: graphql.parse: operand 0 must be one of {string, object} but got boolean"},
    {"graphql.parse",
     "[{\"Operations\":[{\"Operation\":\"query\",\"SelectionSet\":[{\"Alias\":\"z\",\"Name"
     "\":\"z\"}]}]},\"type Query { a: Int }\"]",
     "error: graphql.parse: GraphQL parse error: input: Cannot query field \"z\" on type "
     "\"Query\". Did you mean \"a\"?"},
    {"graphql.parse",
     "[{\"Operations\":[{\"Operation\":\"query\",\"SelectionSet\":[{\"Alias\":\"a\",\"Name"
     "\":\"a\"}]}]},\"type Query { a: Int }\"]",
     "[{\"Operations\": [{\"Name\": \"\", \"Operation\": \"query\", \"SelectionSet\": [{\""
     "Alias\": \"a\", \"Name\": \"a\"}]}]}, {\"Definitions\": [{\"BuiltIn\": false, \"Desc"
     "ription\": \"\", \"Fields\": [{\"Description\": \"\", \"Name\": \"a\", \"Type\": {\""
     "NamedType\": \"Int\", \"NonNull\": false}}], \"Kind\": \"OBJECT\", \"Name\": \"Query"
     "\"}]}]"},
    {"graphql.parse_and_verify", "[\"{ b }\",\"type Query { a: Int }\"]", "[false, {}, {}]"},
    {"graphql.parse_and_verify", "[\"{ a }\",\"type Query { a: Int }\"]",
     "[true, {\"Operations\": [{\"Name\": \"\", \"Operation\": \"query\", \"SelectionSet\""
     ": [{\"Alias\": \"a\", \"Name\": \"a\"}]}]}, {\"Definitions\": [{\"BuiltIn\": false, "
     "\"Description\": \"\", \"Fields\": [{\"Description\": \"\", \"Name\": \"a\", \"Type"
     "\": {\"NamedType\": \"Int\", \"NonNull\": false}}], \"Kind\": \"OBJECT\", \"Name\": "
     "\"Query\"}]}]"},
    {"graphql.schema_is_valid",
     "[\"type Query { hello(who: String!): Hello } type Hello { world: String }\"]", "true"},
    {"graphql.schema_is_valid", "[\"type Query\"]", "false"},
    {"graphql.schema_is_valid", "[{\"Definitions\":[{\"Kind\":\"SCALAR\",\"Name\":\"X\"}]}]",
     "true"},
    {"graphql.schema_is_valid", "[{\"Definitions\":[{\"Kind\":\"NOPE\",\"Name\":\"X\"}]}]",
     "false"},
};

TEST_TABLE(calls)
