#include "builtins.h"

static const struct call calls[] = {
    {"uri.parse", "[\"https://example.com:8080/api?q=1#top\"]",
     "{\"fragment\": \"top\", \"hostname\": \"example.com\", \"path\": \"/api\", \"port\": \"8080\", "
     "\"raw_path\": \"/api\", \"raw_query\": \"q=1\", \"scheme\": \"https\"}"},
    {"uri.parse", "[\"http://[::1]:8080/path\"]",
     "{\"hostname\": \"::1\", \"path\": \"/path\", \"port\": \"8080\", \"raw_path\": \"/path\", "
     "\"scheme\": \"http\"}"},
    {"uri.parse", "[\"\"]", "{}"},
    {"uri.parse", "[\"HTTPS://example.com/a%21b\"]",
     "{\"hostname\": \"example.com\", \"path\": \"/a!b\", \"raw_path\": \"/a!b\", \"scheme\": "
     "\"https\"}"},
    {"uri.parse", "[\"http://foo]bar/\"]",
     "{\"hostname\": \"foo]bar\", \"path\": \"/\", \"raw_path\": \"/\", \"scheme\": \"http\"}"},
    {"uri.parse", "[\"http://a<b@example.com/\"]",
     "error: uri.parse: parse \"http://a<b@example.com/\": net/url: invalid userinfo"},
    {"uri.parse", "[\"http://example.com:\xD9\xA3\xD9\xA4/\"]",
     "error: uri.parse: parse \"http://example.com:\xD9\xA3\xD9\xA4/\": invalid port \":\xD9\xA3\xD9\xA4\" "
     "after host"},
    {"uri.is_valid", "[\"https://example.com/path?q=1\"]", "true"},
    {"uri.is_valid", "[\"\"]", "false"},
    {"uri.is_valid", "[1]", "false"},
    {"uri.is_valid", "[\"http://[invalid\"]", "false"},
    {"uri.is_valid", "[\"http://exa%6dple.com/\"]", "false"},
    {"uri.is_valid", "[\"http://user name@example.com/\"]", "false"},
    {"uri.is_valid", "[\"/a%zz\"]", "false"},
    {"uri.is_valid", "[\":x\"]", "false"},
};

TEST_TABLE(calls)
