/*
 * The schemas of JSON Schema itself, by which schemas can be checked; without members that do not
 * matter to checking. References to them lead here.
 */
#include "lang/json_schema_int.h"

static const char draft4[] =
    "{\"id\":\"http://json-schema.org/draft-04/schema#\",\"$schema\":\"http://json-schema.org/dra"
    "ft-04/schema#\",\"definitions\":{\"schemaArray\":{\"type\":\"array\",\"minItems\":1,\"items"
    "\":{\"$ref\":\"#\"}},\"positiveInteger\":{\"type\":\"integer\",\"minimum\":0},\"positiveInte"
    "gerDefault0\":{\"allOf\":[{\"$ref\":\"#/definitions/positiveInteger\"},{\"default\":0}]},\"s"
    "impleTypes\":{\"enum\":[\"array\",\"boolean\",\"integer\",\"null\",\"number\",\"object\",\"s"
    "tring\"]},\"stringArray\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1"
    ",\"uniqueItems\":true}},\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"$"
    "schema\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"description\":{\"type\":\"s"
    "tring\"},\"default\":{},\"multipleOf\":{\"type\":\"number\",\"minimum\":0,\"exclusiveMinimum"
    "\":true},\"maximum\":{\"type\":\"number\"},\"exclusiveMaximum\":{\"type\":\"boolean\"},\"min"
    "imum\":{\"type\":\"number\"},\"exclusiveMinimum\":{\"type\":\"boolean\"},\"maxLength\":{\"$r"
    "ef\":\"#/definitions/positiveInteger\"},\"minLength\":{\"$ref\":\"#/definitions/positiveInte"
    "gerDefault0\"},\"pattern\":{\"type\":\"string\",\"format\":\"regex\"},\"additionalItems\":{"
    "\"anyOf\":[{\"type\":\"boolean\"},{\"$ref\":\"#\"}]},\"items\":{\"anyOf\":[{\"$ref\":\"#\"},"
    "{\"$ref\":\"#/definitions/schemaArray\"}]},\"maxItems\":{\"$ref\":\"#/definitions/positiveIn"
    "teger\"},\"minItems\":{\"$ref\":\"#/definitions/positiveIntegerDefault0\"},\"uniqueItems\":{"
    "\"type\":\"boolean\"},\"maxProperties\":{\"$ref\":\"#/definitions/positiveInteger\"},\"minPr"
    "operties\":{\"$ref\":\"#/definitions/positiveIntegerDefault0\"},\"required\":{\"$ref\":\"#/d"
    "efinitions/stringArray\"},\"additionalProperties\":{\"anyOf\":[{\"type\":\"boolean\"},{\"$re"
    "f\":\"#\"}]},\"definitions\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"}}"
    ",\"properties\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"}},\"patternPro"
    "perties\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"}},\"dependencies\":{"
    "\"type\":\"object\",\"additionalProperties\":{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#/defi"
    "nitions/stringArray\"}]}},\"enum\":{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true},"
    "\"type\":{\"anyOf\":[{\"$ref\":\"#/definitions/simpleTypes\"},{\"type\":\"array\",\"items\":"
    "{\"$ref\":\"#/definitions/simpleTypes\"},\"minItems\":1,\"uniqueItems\":true}]},\"format\":{"
    "\"type\":\"string\"},\"allOf\":{\"$ref\":\"#/definitions/schemaArray\"},\"anyOf\":{\"$ref\":"
    "\"#/definitions/schemaArray\"},\"oneOf\":{\"$ref\":\"#/definitions/schemaArray\"},\"not\":{"
    "\"$ref\":\"#\"}},\"dependencies\":{\"exclusiveMaximum\":[\"maximum\"],\"exclusiveMinimum\":["
    "\"minimum\"]}}";

static const char draft6[] =
    "{\"$schema\":\"http://json-schema.org/draft-06/schema#\",\"$id\":\"http://json-schema.org/dr"
    "aft-06/schema#\",\"definitions\":{\"schemaArray\":{\"type\":\"array\",\"minItems\":1,\"items"
    "\":{\"$ref\":\"#\"}},\"nonNegativeInteger\":{\"type\":\"integer\",\"minimum\":0},\"nonNegati"
    "veIntegerDefault0\":{\"allOf\":[{\"$ref\":\"#/definitions/nonNegativeInteger\"},{\"default\""
    ":0}]},\"simpleTypes\":{\"enum\":[\"array\",\"boolean\",\"integer\",\"null\",\"number\",\"obj"
    "ect\",\"string\"]},\"stringArray\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uni"
    "queItems\":true}},\"type\":[\"object\",\"boolean\"],\"properties\":{\"$id\":{\"type\":\"stri"
    "ng\",\"format\":\"uri-reference\"},\"$schema\":{\"type\":\"string\",\"format\":\"uri\"},\"$r"
    "ef\":{\"type\":\"string\",\"format\":\"uri-reference\"},\"title\":{\"type\":\"string\"},\"de"
    "scription\":{\"type\":\"string\"},\"default\":{},\"examples\":{\"type\":\"array\",\"items\":"
    "{}},\"multipleOf\":{\"type\":\"number\",\"exclusiveMinimum\":0},\"maximum\":{\"type\":\"numb"
    "er\"},\"exclusiveMaximum\":{\"type\":\"number\"},\"minimum\":{\"type\":\"number\"},\"exclusi"
    "veMinimum\":{\"type\":\"number\"},\"maxLength\":{\"$ref\":\"#/definitions/nonNegativeInteger"
    "\"},\"minLength\":{\"$ref\":\"#/definitions/nonNegativeIntegerDefault0\"},\"pattern\":{\"typ"
    "e\":\"string\",\"format\":\"regex\"},\"additionalItems\":{\"$ref\":\"#\"},\"items\":{\"anyOf"
    "\":[{\"$ref\":\"#\"},{\"$ref\":\"#/definitions/schemaArray\"}]},\"maxItems\":{\"$ref\":\"#/d"
    "efinitions/nonNegativeInteger\"},\"minItems\":{\"$ref\":\"#/definitions/nonNegativeIntegerDe"
    "fault0\"},\"uniqueItems\":{\"type\":\"boolean\"},\"contains\":{\"$ref\":\"#\"},\"maxProperti"
    "es\":{\"$ref\":\"#/definitions/nonNegativeInteger\"},\"minProperties\":{\"$ref\":\"#/definit"
    "ions/nonNegativeIntegerDefault0\"},\"required\":{\"$ref\":\"#/definitions/stringArray\"},\"a"
    "dditionalProperties\":{\"$ref\":\"#\"},\"definitions\":{\"type\":\"object\",\"additionalProp"
    "erties\":{\"$ref\":\"#\"}},\"properties\":{\"type\":\"object\",\"additionalProperties\":{\"$"
    "ref\":\"#\"}},\"patternProperties\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":"
    "\"#\"}},\"dependencies\":{\"type\":\"object\",\"additionalProperties\":{\"anyOf\":[{\"$ref\""
    ":\"#\"},{\"$ref\":\"#/definitions/stringArray\"}]}},\"propertyNames\":{\"$ref\":\"#\"},\"con"
    "st\":{},\"enum\":{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true},\"type\":{\"anyOf"
    "\":[{\"$ref\":\"#/definitions/simpleTypes\"},{\"type\":\"array\",\"items\":{\"$ref\":\"#/def"
    "initions/simpleTypes\"},\"minItems\":1,\"uniqueItems\":true}]},\"format\":{\"type\":\"string"
    "\"},\"allOf\":{\"$ref\":\"#/definitions/schemaArray\"},\"anyOf\":{\"$ref\":\"#/definitions/s"
    "chemaArray\"},\"oneOf\":{\"$ref\":\"#/definitions/schemaArray\"},\"not\":{\"$ref\":\"#\"}}}";

static const char draft7[] =
    "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"$id\":\"http://json-schema.org/dr"
    "aft-07/schema#\",\"definitions\":{\"schemaArray\":{\"type\":\"array\",\"minItems\":1,\"items"
    "\":{\"$ref\":\"#\"}},\"nonNegativeInteger\":{\"type\":\"integer\",\"minimum\":0},\"nonNegati"
    "veIntegerDefault0\":{\"allOf\":[{\"$ref\":\"#/definitions/nonNegativeInteger\"},{\"default\""
    ":0}]},\"simpleTypes\":{\"enum\":[\"array\",\"boolean\",\"integer\",\"null\",\"number\",\"obj"
    "ect\",\"string\"]},\"stringArray\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uni"
    "queItems\":true}},\"type\":[\"object\",\"boolean\"],\"properties\":{\"$id\":{\"type\":\"stri"
    "ng\",\"format\":\"uri-reference\"},\"$schema\":{\"type\":\"string\",\"format\":\"uri\"},\"$r"
    "ef\":{\"type\":\"string\",\"format\":\"uri-reference\"},\"$comment\":{\"type\":\"string\"},"
    "\"title\":{\"type\":\"string\"},\"description\":{\"type\":\"string\"},\"default\":true,\"rea"
    "dOnly\":{\"type\":\"boolean\"},\"examples\":{\"type\":\"array\",\"items\":true},\"multipleOf"
    "\":{\"type\":\"number\",\"exclusiveMinimum\":0},\"maximum\":{\"type\":\"number\"},\"exclusiv"
    "eMaximum\":{\"type\":\"number\"},\"minimum\":{\"type\":\"number\"},\"exclusiveMinimum\":{\"t"
    "ype\":\"number\"},\"maxLength\":{\"$ref\":\"#/definitions/nonNegativeInteger\"},\"minLength"
    "\":{\"$ref\":\"#/definitions/nonNegativeIntegerDefault0\"},\"pattern\":{\"type\":\"string\","
    "\"format\":\"regex\"},\"additionalItems\":{\"$ref\":\"#\"},\"items\":{\"anyOf\":[{\"$ref\":"
    "\"#\"},{\"$ref\":\"#/definitions/schemaArray\"}]},\"maxItems\":{\"$ref\":\"#/definitions/non"
    "NegativeInteger\"},\"minItems\":{\"$ref\":\"#/definitions/nonNegativeIntegerDefault0\"},\"un"
    "iqueItems\":{\"type\":\"boolean\"},\"contains\":{\"$ref\":\"#\"},\"maxProperties\":{\"$ref\""
    ":\"#/definitions/nonNegativeInteger\"},\"minProperties\":{\"$ref\":\"#/definitions/nonNegati"
    "veIntegerDefault0\"},\"required\":{\"$ref\":\"#/definitions/stringArray\"},\"additionalPrope"
    "rties\":{\"$ref\":\"#\"},\"definitions\":{\"type\":\"object\",\"additionalProperties\":{\"$r"
    "ef\":\"#\"}},\"properties\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"}},"
    "\"patternProperties\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"},\"prope"
    "rtyNames\":{\"format\":\"regex\"}},\"dependencies\":{\"type\":\"object\",\"additionalPropert"
    "ies\":{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#/definitions/stringArray\"}]}},\"propertyNam"
    "es\":{\"$ref\":\"#\"},\"const\":true,\"enum\":{\"type\":\"array\",\"items\":true},\"type\":{"
    "\"anyOf\":[{\"$ref\":\"#/definitions/simpleTypes\"},{\"type\":\"array\",\"items\":{\"$ref\":"
    "\"#/definitions/simpleTypes\"},\"minItems\":1,\"uniqueItems\":true}]},\"format\":{\"type\":"
    "\"string\"},\"contentMediaType\":{\"type\":\"string\"},\"contentEncoding\":{\"type\":\"strin"
    "g\"},\"if\":{\"$ref\":\"#\"},\"then\":{\"$ref\":\"#\"},\"else\":{\"$ref\":\"#\"},\"allOf\":{"
    "\"$ref\":\"#/definitions/schemaArray\"},\"anyOf\":{\"$ref\":\"#/definitions/schemaArray\"},"
    "\"oneOf\":{\"$ref\":\"#/definitions/schemaArray\"},\"not\":{\"$ref\":\"#\"}}}";

static const struct draft {
  struct str url, text;
  enum schema_draft draft;
} drafts[] = {
    {STR_INIT("http://json-schema.org/draft-04/schema"),
     {draft4, sizeof draft4 - 1},
     SCHEMA_DRAFT4},
    {STR_INIT("http://json-schema.org/draft-06/schema"),
     {draft6, sizeof draft6 - 1},
     SCHEMA_DRAFT6},
    {STR_INIT("http://json-schema.org/draft-07/schema"),
     {draft7, sizeof draft7 - 1},
     SCHEMA_DRAFT7},
};

bool schema_draft_of(struct str url, enum schema_draft *ret_draft, struct str *ret_text)
{
  for (size_t i = 0; i < sizeof drafts / sizeof *drafts; i++)
    if (str_eq(url, drafts[i].url)) {
      *ret_draft = drafts[i].draft;
      *ret_text = drafts[i].text;
      return true;
    }
  return false;
}
