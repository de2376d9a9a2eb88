#include "builtins.h"

static const struct call calls[] = {
    {"providers.aws.sign_req",
     "[{\"method\":\"get\",\"url\":\"http://example.com\"},{\"aws_access_key\":\"K\",\"aws"
     "_secret_access_key\":\"S\",\"aws_service\":\"s3\",\"aws_region\":\"r\"},145131170500"
     "0000000]",
     "{\"headers\": {\"Authorization\": \"AWS4-HMAC-SHA256 Credential=K/20151228/r/s3/aws4"
     "_request,SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=8107391f296e7f"
     "a5ac37f4bae2ae5c2a6213192e6c466a41e8f05d5e6f9bf039\", \"host\": \"example.com\", \"x"
     "-amz-content-sha256\": \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b785"
     "2b855\", \"x-amz-date\": \"20151228T140825Z\"}, \"method\": \"get\", \"url\": \"http"
     "://example.com\"}"},
    {"providers.aws.sign_req",
     "[{\"method\":\"PUT\",\"url\":\"https://user@h.example:8443/a b/%2F?x=1&y#f\",\"heade"
     "rs\":{\"User-Agent\":\"u\",\"X-A\":\"v\"},\"body\":{\"b\":[1],\"a\":null}},{\"aws_ac"
     "cess_key\":\"K\",\"aws_secret_access_key\":\"S\",\"aws_service\":\"ec2\",\"aws_regio"
     "n\":\"r\",\"aws_session_token\":\"T\"},1451311705000000000]",
     "{\"body\": {\"a\": null, \"b\": [1]}, \"headers\": {\"Authorization\": \"AWS4-HMAC-S"
     "HA256 Credential=K/20151228/r/ec2/aws4_request,SignedHeaders=host;x-a;x-amz-date;x-a"
     "mz-security-token,Signature=64dd145530f26237981208642cdb90bda5701b8504fe9477252ef1c1"
     "2c0cd48f\", \"User-Agent\": \"u\", \"X-A\": \"v\", \"host\": \"h.example:8443\", \"x"
     "-amz-date\": \"20151228T140825Z\", \"x-amz-security-token\": \"T\"}, \"method\": \"P"
     "UT\", \"url\": \"https://user@h.example:8443/a b/%2F?x=1&y#f\"}"},
    {"providers.aws.sign_req",
     "[{\"method\":\"get\",\"url\":\"http://example.com\",\"raw_body\":\"r\"},{\"aws_acces"
     "s_key\":\"K\",\"aws_secret_access_key\":\"S\",\"aws_service\":\"s3\",\"aws_region\":"
     "\"r\",\"disable_payload_signing\":true},0]",
     "{\"headers\": {\"Authorization\": \"AWS4-HMAC-SHA256 Credential=K/19700101/r/s3/aws4"
     "_request,SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=1229fc75a6e0c0"
     "9f053b7f434c2a69e2c2e173aa3440b150b729c7394ab14c92\", \"host\": \"example.com\", \"x"
     "-amz-content-sha256\": \"UNSIGNED-PAYLOAD\", \"x-amz-date\": \"19700101T000000Z\"}, "
     "\"method\": \"get\", \"raw_body\": \"r\", \"url\": \"http://example.com\"}"},
    {"providers.aws.sign_req",
     "[{},{\"aws_access_key\":\"K\",\"aws_secret_access_key\":\"S\",\"aws_service\":\"s3\""
     ",\"aws_region\":\"r\"},0]",
     "type: providers.aws.sign_req: operand 1 missing required request parameters(s): {\"m"
     "ethod\", \"url\"}"},
    {"providers.aws.sign_req",
     "[{\"method\":\"get\",\"url\":\"u\",\"nope\":1},{\"aws_access_key\":\"K\",\"aws_secre"
     "t_access_key\":\"S\",\"aws_service\":\"s3\",\"aws_region\":\"r\"},0]",
     "type: providers.aws.sign_req: operand 1 invalid request parameters(s): {\"nope\"}"},
    {"providers.aws.sign_req",
     "[{\"method\":1,\"url\":2},{\"aws_access_key\":\"K\",\"aws_secret_access_key\":\"S\","
     "\"aws_service\":\"s3\",\"aws_region\":\"r\"},0]",
     "type: providers.aws.sign_req: operand 1 invalid values for required request paramete"
     "rs(s): {\"method\", \"url\"}"},
    {"providers.aws.sign_req", "[{\"method\":\"get\",\"url\":\"u\"},{\"aws_service\":1},0]",
     "type: providers.aws.sign_req: operand 2 missing required AWS config parameters(s): {"
     "\"aws_access_key\", \"aws_region\", \"aws_secret_access_key\"}"},
    {"providers.aws.sign_req",
     "[{\"method\":\"get\",\"url\":\"u\"},{\"aws_access_key\":\"K\",\"aws_secret_access_ke"
     "y\":\"S\",\"aws_service\":\"s3\",\"aws_region\":1},0]",
     "type: providers.aws.sign_req: operand 2 invalid values for required AWS config param"
     "eters(s): {\"aws_region\"}"},
    {"providers.aws.sign_req",
     "[{\"method\":\"get\",\"url\":\"u\"},{\"aws_access_key\": \"K\", \"aws_secret_access_"
     "key\": \"S\", \"aws_service\": \"s3\", \"aws_region\": \"r\"},1.5]",
     "type: providers.aws.sign_req: operand 3 could not convert time_ns value into a unix "
     "timestamp"},
    {"providers.aws.sign_req",
     "[{\"method\":\"get\",\"url\":\"u\",\"headers\":1},{\"aws_access_key\":\"K\",\"aws_se"
     "cret_access_key\":\"S\",\"aws_service\":\"s3\",\"aws_region\":\"r\"},0]",
     "type: providers.aws.sign_req: operand 0 must be object but got number"},
    {"providers.aws.sign_req",
     "[{\"method\":\"get\",\"url\":\"u\"},{\"aws_access_key\":\"K\",\"aws_secret_access_ke"
     "y\":\"S\",\"aws_service\":\"s3\",\"aws_region\":\"r\",\"disable_payload_signing\":\""
     "x\"},0]",
     "type: providers.aws.sign_req: operand 2 invalid value for 'disable_payload_signing' "
     "in AWS config"},
};

TEST_TABLE(calls)
