#include "../crypto/made.h"
#include "builtins.h"

static const struct call calls[] = {
    {"crypto.md5", "[\"lorem ipsum\"]", "\"80a751fde577028640c419000e33eba6\""},
    {"crypto.sha1", "[\"lorem ipsum\"]", "\"bfb7759a67daeb65410490b4d98bb9da7d1ea2ce\""},
    {"crypto.sha256", "[\"lorem ipsum\"]",
     "\"5e2bf57d3f40c4b6df69daf1936cb766f832374b4fc0259a7cbff06e2f70f269\""},
    {"crypto.sha256", "[1]", "type: crypto.sha256: operand 1 must be string but got number"},
    {"crypto.hmac.md5", "[\"foo\",\"bar\"]", "\"31b6db9e5eb4addb42f1a6ca07367adc\""},
    {"crypto.hmac.sha1", "[\"foo\",\"bar\"]", "\"85d155c55ed286a300bd1cf124de08d87e914f3a\""},
    {"crypto.hmac.sha256", "[\"foo\",\"bar\"]",
     "\"147933218aaabc0b8b10a2b3a5c34684c8d94341bcf10a4736dc7270f7741851\""},
    {"crypto.hmac.sha512", "[\"foo\",\"\"]",
     "\"7f3fd3fd7172d3d951a7c71ebe61bf59aeb486a4a9ce635cdc7aec32cf4a25b4e1324b92c0ee4d79d1"
     "248c70ca1f30a36c73ee2a61cba303b5a907d28b38b01f\""},
    {"crypto.hmac.equal", "[\"a\",\"a\"]", "true"},
    {"crypto.hmac.equal", "[\"a\",\"b\"]", "false"},
    {"crypto.hmac.equal", "[\"a\",1]",
     "type: crypto.hmac.equal: operand 2 must be string but got number"},
    {"crypto.x509.parse_and_verify_certificates",
     "[\"-----BEGIN CERTIFICATE-----\\n"
     "MIIBtzCCAV6gAwIBAgIUP4gVsbKdOftu9k+rf0M4Vv43t4YwCgYIKoZIzj0EAwIw\\n"
     "JzERMA8GA1UECgwIU2VhIFdhbGwxEjAQBgNVBAMMCVRlc3QgUm9vdDAgFw0yNjEx\\n"
     "MjEwNTM3MjlaGA8yMTI2MTAyODA1MzcyOVowJzERMA8GA1UECgwIU2VhIFdhbGwx\\n"
     "EjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOew\\n"
     "14E+/AiJvuN7Rzpnqib4agm+NECX2rQmCTG/O+bNJEihYW10u1hdbTlUMj+tCcEH\\n"
     "HbPlS34OGNrQXRk3ARyjZjBkMB0GA1UdDgQWBBQkzmeDTsftzfNGFDp5UUdshitE\\n"
     "NDAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDASBgNVHRMBAf8ECDAG\\n"
     "AQH/AgEBMA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBEAiByWEYswkC0\\n"
     "nPE74dpaRO0Av4SqpAeX/TVQGictf4m8IAIgdbc1wqylHbdSswk+QWdLpSRkupFF\\n"
     "Uwn87p5I04Vs8Rk=\\n"
     "-----END CERTIFICATE-----\\n"
     "-----BEGIN CERTIFICATE-----\\n"
     "MIIB0DCCAXagAwIBAgIJEjRWeJCrze8SMAoGCCqGSM49BAMCMCcxETAPBgNVBAoM\\n"
     "CFNlYSBXYWxsMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIxMDUzNzI5WhgP\\n"
     "MjEyNjEwMjgwNTM3MjlaMCQxCzAJBgNVBAYTAkRFMRUwEwYDVQQDDAxsZWFmLmV4\\n"
     "YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARLkdSyUflBXqdNDFSHynhp\\n"
     "ktPz7Wz6oqtX/uMl47EMELXVuA2rmq//56LhklVuNcOwoOohAxTfFSqj/BxDEz9F\\n"
     "o4GLMIGIMDEGA1UdEQQqMCiCDGxlYWYuZXhhbXBsZYcECgAAAYYSc3BpZmZlOi8v\\n"
     "ZXhhbXBsZS94MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTiIN4/hlSO\\n"
     "r/WcpWdFKRsy5Uot4TAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDAK\\n"
     "BggqhkjOPQQDAgNIADBFAiAbPLjebCCNSJvYtaok2mg+7TkAOnj8mQm6NexHdX4W\\n"
     "WgIhAK+yI7yMkzexiKyMXa0oG0hT46eG0qVsNy0lBwQUmFO4\\n"
     "-----END CERTIFICATE-----\\n"
     "\"]",
     "[false, []]"},
    {"crypto.x509.parse_and_verify_certificates",
     "[\"-----BEGIN CERTIFICATE-----\\n"
     "MIIB0DCCAXagAwIBAgIJEjRWeJCrze8SMAoGCCqGSM49BAMCMCcxETAPBgNVBAoM\\n"
     "CFNlYSBXYWxsMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIxMDUzNzI5WhgP\\n"
     "MjEyNjEwMjgwNTM3MjlaMCQxCzAJBgNVBAYTAkRFMRUwEwYDVQQDDAxsZWFmLmV4\\n"
     "YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARLkdSyUflBXqdNDFSHynhp\\n"
     "ktPz7Wz6oqtX/uMl47EMELXVuA2rmq//56LhklVuNcOwoOohAxTfFSqj/BxDEz9F\\n"
     "o4GLMIGIMDEGA1UdEQQqMCiCDGxlYWYuZXhhbXBsZYcECgAAAYYSc3BpZmZlOi8v\\n"
     "ZXhhbXBsZS94MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTiIN4/hlSO\\n"
     "r/WcpWdFKRsy5Uot4TAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDAK\\n"
     "BggqhkjOPQQDAgNIADBFAiAbPLjebCCNSJvYtaok2mg+7TkAOnj8mQm6NexHdX4W\\n"
     "WgIhAK+yI7yMkzexiKyMXa0oG0hT46eG0qVsNy0lBwQUmFO4\\n"
     "-----END CERTIFICATE-----\\n"
     "\"]",
     "[false, []]"},
    {"crypto.x509.parse_and_verify_certificates", "[\"x\"]", "[false, []]"},
    {"crypto.x509.parse_and_verify_certificates", "[1]",
     "type: crypto.x509.parse_and_verify_certificates: operand 1 must be string but got nu"
     "mber"},
    {"crypto.x509.parse_and_verify_certificates_with_options",
     "[\"-----BEGIN CERTIFICATE-----\\n"
     "MIIBtzCCAV6gAwIBAgIUP4gVsbKdOftu9k+rf0M4Vv43t4YwCgYIKoZIzj0EAwIw\\n"
     "JzERMA8GA1UECgwIU2VhIFdhbGwxEjAQBgNVBAMMCVRlc3QgUm9vdDAgFw0yNjEx\\n"
     "MjEwNTM3MjlaGA8yMTI2MTAyODA1MzcyOVowJzERMA8GA1UECgwIU2VhIFdhbGwx\\n"
     "EjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOew\\n"
     "14E+/AiJvuN7Rzpnqib4agm+NECX2rQmCTG/O+bNJEihYW10u1hdbTlUMj+tCcEH\\n"
     "HbPlS34OGNrQXRk3ARyjZjBkMB0GA1UdDgQWBBQkzmeDTsftzfNGFDp5UUdshitE\\n"
     "NDAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDASBgNVHRMBAf8ECDAG\\n"
     "AQH/AgEBMA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBEAiByWEYswkC0\\n"
     "nPE74dpaRO0Av4SqpAeX/TVQGictf4m8IAIgdbc1wqylHbdSswk+QWdLpSRkupFF\\n"
     "Uwn87p5I04Vs8Rk=\\n"
     "-----END CERTIFICATE-----\\n"
     "-----BEGIN CERTIFICATE-----\\n"
     "MIIB0DCCAXagAwIBAgIJEjRWeJCrze8SMAoGCCqGSM49BAMCMCcxETAPBgNVBAoM\\n"
     "CFNlYSBXYWxsMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIxMDUzNzI5WhgP\\n"
     "MjEyNjEwMjgwNTM3MjlaMCQxCzAJBgNVBAYTAkRFMRUwEwYDVQQDDAxsZWFmLmV4\\n"
     "YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARLkdSyUflBXqdNDFSHynhp\\n"
     "ktPz7Wz6oqtX/uMl47EMELXVuA2rmq//56LhklVuNcOwoOohAxTfFSqj/BxDEz9F\\n"
     "o4GLMIGIMDEGA1UdEQQqMCiCDGxlYWYuZXhhbXBsZYcECgAAAYYSc3BpZmZlOi8v\\n"
     "ZXhhbXBsZS94MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTiIN4/hlSO\\n"
     "r/WcpWdFKRsy5Uot4TAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDAK\\n"
     "BggqhkjOPQQDAgNIADBFAiAbPLjebCCNSJvYtaok2mg+7TkAOnj8mQm6NexHdX4W\\n"
     "WgIhAK+yI7yMkzexiKyMXa0oG0hT46eG0qVsNy0lBwQUmFO4\\n"
     "-----END CERTIFICATE-----\\n"
     "\",{\"DNSName\":\"nowhere\"}]",
     "[false, []]"},
    {"crypto.x509.parse_and_verify_certificates_with_options",
     "[\"-----BEGIN CERTIFICATE-----\\n"
     "MIIBtzCCAV6gAwIBAgIUP4gVsbKdOftu9k+rf0M4Vv43t4YwCgYIKoZIzj0EAwIw\\n"
     "JzERMA8GA1UECgwIU2VhIFdhbGwxEjAQBgNVBAMMCVRlc3QgUm9vdDAgFw0yNjEx\\n"
     "MjEwNTM3MjlaGA8yMTI2MTAyODA1MzcyOVowJzERMA8GA1UECgwIU2VhIFdhbGwx\\n"
     "EjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOew\\n"
     "14E+/AiJvuN7Rzpnqib4agm+NECX2rQmCTG/O+bNJEihYW10u1hdbTlUMj+tCcEH\\n"
     "HbPlS34OGNrQXRk3ARyjZjBkMB0GA1UdDgQWBBQkzmeDTsftzfNGFDp5UUdshitE\\n"
     "NDAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDASBgNVHRMBAf8ECDAG\\n"
     "AQH/AgEBMA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBEAiByWEYswkC0\\n"
     "nPE74dpaRO0Av4SqpAeX/TVQGictf4m8IAIgdbc1wqylHbdSswk+QWdLpSRkupFF\\n"
     "Uwn87p5I04Vs8Rk=\\n"
     "-----END CERTIFICATE-----\\n"
     "-----BEGIN CERTIFICATE-----\\n"
     "MIIB0DCCAXagAwIBAgIJEjRWeJCrze8SMAoGCCqGSM49BAMCMCcxETAPBgNVBAoM\\n"
     "CFNlYSBXYWxsMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIxMDUzNzI5WhgP\\n"
     "MjEyNjEwMjgwNTM3MjlaMCQxCzAJBgNVBAYTAkRFMRUwEwYDVQQDDAxsZWFmLmV4\\n"
     "YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARLkdSyUflBXqdNDFSHynhp\\n"
     "ktPz7Wz6oqtX/uMl47EMELXVuA2rmq//56LhklVuNcOwoOohAxTfFSqj/BxDEz9F\\n"
     "o4GLMIGIMDEGA1UdEQQqMCiCDGxlYWYuZXhhbXBsZYcECgAAAYYSc3BpZmZlOi8v\\n"
     "ZXhhbXBsZS94MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTiIN4/hlSO\\n"
     "r/WcpWdFKRsy5Uot4TAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDAK\\n"
     "BggqhkjOPQQDAgNIADBFAiAbPLjebCCNSJvYtaok2mg+7TkAOnj8mQm6NexHdX4W\\n"
     "WgIhAK+yI7yMkzexiKyMXa0oG0hT46eG0qVsNy0lBwQUmFO4\\n"
     "-----END CERTIFICATE-----\\n"
     "\",{\"CurrentTime\":\"x\"}]",
     "error: crypto.x509.parse_and_verify_certificates_with_options: 'CurrentTime' should "
     "be a number"},
    {"crypto.x509.parse_and_verify_certificates_with_options",
     "[\"-----BEGIN CERTIFICATE-----\\n"
     "MIIBtzCCAV6gAwIBAgIUP4gVsbKdOftu9k+rf0M4Vv43t4YwCgYIKoZIzj0EAwIw\\n"
     "JzERMA8GA1UECgwIU2VhIFdhbGwxEjAQBgNVBAMMCVRlc3QgUm9vdDAgFw0yNjEx\\n"
     "MjEwNTM3MjlaGA8yMTI2MTAyODA1MzcyOVowJzERMA8GA1UECgwIU2VhIFdhbGwx\\n"
     "EjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOew\\n"
     "14E+/AiJvuN7Rzpnqib4agm+NECX2rQmCTG/O+bNJEihYW10u1hdbTlUMj+tCcEH\\n"
     "HbPlS34OGNrQXRk3ARyjZjBkMB0GA1UdDgQWBBQkzmeDTsftzfNGFDp5UUdshitE\\n"
     "NDAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDASBgNVHRMBAf8ECDAG\\n"
     "AQH/AgEBMA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBEAiByWEYswkC0\\n"
     "nPE74dpaRO0Av4SqpAeX/TVQGictf4m8IAIgdbc1wqylHbdSswk+QWdLpSRkupFF\\n"
     "Uwn87p5I04Vs8Rk=\\n"
     "-----END CERTIFICATE-----\\n"
     "-----BEGIN CERTIFICATE-----\\n"
     "MIIB0DCCAXagAwIBAgIJEjRWeJCrze8SMAoGCCqGSM49BAMCMCcxETAPBgNVBAoM\\n"
     "CFNlYSBXYWxsMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIxMDUzNzI5WhgP\\n"
     "MjEyNjEwMjgwNTM3MjlaMCQxCzAJBgNVBAYTAkRFMRUwEwYDVQQDDAxsZWFmLmV4\\n"
     "YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARLkdSyUflBXqdNDFSHynhp\\n"
     "ktPz7Wz6oqtX/uMl47EMELXVuA2rmq//56LhklVuNcOwoOohAxTfFSqj/BxDEz9F\\n"
     "o4GLMIGIMDEGA1UdEQQqMCiCDGxlYWYuZXhhbXBsZYcECgAAAYYSc3BpZmZlOi8v\\n"
     "ZXhhbXBsZS94MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTiIN4/hlSO\\n"
     "r/WcpWdFKRsy5Uot4TAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDAK\\n"
     "BggqhkjOPQQDAgNIADBFAiAbPLjebCCNSJvYtaok2mg+7TkAOnj8mQm6NexHdX4W\\n"
     "WgIhAK+yI7yMkzexiKyMXa0oG0hT46eG0qVsNy0lBwQUmFO4\\n"
     "-----END CERTIFICATE-----\\n"
     "\",{\"KeyUsages\":[\"KeyUsageOdd\"]}]",
     "error: crypto.x509.parse_and_verify_certificates_with_options: invalid entries for '"
     "KeyUsages' found: [KeyUsageOdd]"},
    {"crypto.x509.parse_and_verify_certificates_with_options",
     "[\"-----BEGIN CERTIFICATE-----\\n"
     "MIIBtzCCAV6gAwIBAgIUP4gVsbKdOftu9k+rf0M4Vv43t4YwCgYIKoZIzj0EAwIw\\n"
     "JzERMA8GA1UECgwIU2VhIFdhbGwxEjAQBgNVBAMMCVRlc3QgUm9vdDAgFw0yNjEx\\n"
     "MjEwNTM3MjlaGA8yMTI2MTAyODA1MzcyOVowJzERMA8GA1UECgwIU2VhIFdhbGwx\\n"
     "EjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOew\\n"
     "14E+/AiJvuN7Rzpnqib4agm+NECX2rQmCTG/O+bNJEihYW10u1hdbTlUMj+tCcEH\\n"
     "HbPlS34OGNrQXRk3ARyjZjBkMB0GA1UdDgQWBBQkzmeDTsftzfNGFDp5UUdshitE\\n"
     "NDAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDASBgNVHRMBAf8ECDAG\\n"
     "AQH/AgEBMA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBEAiByWEYswkC0\\n"
     "nPE74dpaRO0Av4SqpAeX/TVQGictf4m8IAIgdbc1wqylHbdSswk+QWdLpSRkupFF\\n"
     "Uwn87p5I04Vs8Rk=\\n"
     "-----END CERTIFICATE-----\\n"
     "-----BEGIN CERTIFICATE-----\\n"
     "MIIB0DCCAXagAwIBAgIJEjRWeJCrze8SMAoGCCqGSM49BAMCMCcxETAPBgNVBAoM\\n"
     "CFNlYSBXYWxsMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIxMDUzNzI5WhgP\\n"
     "MjEyNjEwMjgwNTM3MjlaMCQxCzAJBgNVBAYTAkRFMRUwEwYDVQQDDAxsZWFmLmV4\\n"
     "YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARLkdSyUflBXqdNDFSHynhp\\n"
     "ktPz7Wz6oqtX/uMl47EMELXVuA2rmq//56LhklVuNcOwoOohAxTfFSqj/BxDEz9F\\n"
     "o4GLMIGIMDEGA1UdEQQqMCiCDGxlYWYuZXhhbXBsZYcECgAAAYYSc3BpZmZlOi8v\\n"
     "ZXhhbXBsZS94MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTiIN4/hlSO\\n"
     "r/WcpWdFKRsy5Uot4TAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDAK\\n"
     "BggqhkjOPQQDAgNIADBFAiAbPLjebCCNSJvYtaok2mg+7TkAOnj8mQm6NexHdX4W\\n"
     "WgIhAK+yI7yMkzexiKyMXa0oG0hT46eG0qVsNy0lBwQUmFO4\\n"
     "-----END CERTIFICATE-----\\n"
     "\",{\"Other\":1}]",
     "error: crypto.x509.parse_and_verify_certificates_with_options: invalid key option"},
    {"crypto.x509.parse_certificates", "[\"-----BEGIN X-----\\nAA==\\n-----END X-----\\n\"]",
     "error: crypto.x509.parse_certificates: PEM block type is 'X', expected CERTIFICATE"},
    {"crypto.x509.parse_certificates", "[\"AAAA\"]",
     "error: crypto.x509.parse_certificates: x509: malformed certificate: not a certificat"
     "e: neither PEM nor its DER (wrong tag)"},
    {"crypto.x509.parse_certificate_request", "[\"-----BEGIN CERTIFICATE REQUEST\"]",
     "error: crypto.x509.parse_certificate_request: illegal base64 data at input byte 0"},
    {"crypto.x509.parse_certificate_request",
     "[\"-----BEGIN CERTIFICATE-----\\n"
     "MIIB0DCCAXagAwIBAgIJEjRWeJCrze8SMAoGCCqGSM49BAMCMCcxETAPBgNVBAoM\\n"
     "CFNlYSBXYWxsMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIxMDUzNzI5WhgP\\n"
     "MjEyNjEwMjgwNTM3MjlaMCQxCzAJBgNVBAYTAkRFMRUwEwYDVQQDDAxsZWFmLmV4\\n"
     "YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARLkdSyUflBXqdNDFSHynhp\\n"
     "ktPz7Wz6oqtX/uMl47EMELXVuA2rmq//56LhklVuNcOwoOohAxTfFSqj/BxDEz9F\\n"
     "o4GLMIGIMDEGA1UdEQQqMCiCDGxlYWYuZXhhbXBsZYcECgAAAYYSc3BpZmZlOi8v\\n"
     "ZXhhbXBsZS94MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTiIN4/hlSO\\n"
     "r/WcpWdFKRsy5Uot4TAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDAK\\n"
     "BggqhkjOPQQDAgNIADBFAiAbPLjebCCNSJvYtaok2mg+7TkAOnj8mQm6NexHdX4W\\n"
     "WgIhAK+yI7yMkzexiKyMXa0oG0hT46eG0qVsNy0lBwQUmFO4\\n"
     "-----END CERTIFICATE-----\\n"
     "\"]",
     "error: crypto.x509.parse_certificate_request: illegal base64 data at input byte 0"},
    {"crypto.x509.parse_rsa_private_key",
     "[\"-----BEGIN RSA PRIVATE KEY-----\\nAA==\\n-----END RSA PRIVATE KEY-----\\n\"]",
     "error: crypto.x509.parse_rsa_private_key: x509: failed to parse private key: not a k"
     "ey: the DER is not that of a RSA PRIVATE KEY (header too long)"},
    {"crypto.x509.parse_rsa_private_key", "[\"\"]",
     "error: crypto.x509.parse_rsa_private_key: input PEM data was empty"},
    {"crypto.x509.parse_keypair",
     "[\"-----BEGIN CERTIFICATE-----\\n"
     "MIIB0DCCAXagAwIBAgIJEjRWeJCrze8SMAoGCCqGSM49BAMCMCcxETAPBgNVBAoM\\n"
     "CFNlYSBXYWxsMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIxMDUzNzI5WhgP\\n"
     "MjEyNjEwMjgwNTM3MjlaMCQxCzAJBgNVBAYTAkRFMRUwEwYDVQQDDAxsZWFmLmV4\\n"
     "YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARLkdSyUflBXqdNDFSHynhp\\n"
     "ktPz7Wz6oqtX/uMl47EMELXVuA2rmq//56LhklVuNcOwoOohAxTfFSqj/BxDEz9F\\n"
     "o4GLMIGIMDEGA1UdEQQqMCiCDGxlYWYuZXhhbXBsZYcECgAAAYYSc3BpZmZlOi8v\\n"
     "ZXhhbXBsZS94MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTiIN4/hlSO\\n"
     "r/WcpWdFKRsy5Uot4TAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDAK\\n"
     "BggqhkjOPQQDAgNIADBFAiAbPLjebCCNSJvYtaok2mg+7TkAOnj8mQm6NexHdX4W\\n"
     "WgIhAK+yI7yMkzexiKyMXa0oG0hT46eG0qVsNy0lBwQUmFO4\\n"
     "-----END CERTIFICATE-----\\n"
     "\",\"x\"]",
     "error: crypto.x509.parse_keypair: illegal base64 data at input byte 1"},
    {"crypto.parse_private_keys", "[\"\"]", "null"},
    {"crypto.parse_private_keys", "[\"x\"]", "[]"},
    {"crypto.parse_private_keys", "[1]",
     "type: crypto.parse_private_keys: operand 1 must be string but got number"},
    {"crypto.x509.parse_and_verify_certificates_with_options",
     "[\"-----BEGIN CERTIFICATE-----\\n"
     "MIIB0DCCAXagAwIBAgIJEjRWeJCrze8SMAoGCCqGSM49BAMCMCcxETAPBgNVBAoM\\n"
     "CFNlYSBXYWxsMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIxMDUzNzI5WhgP\\n"
     "MjEyNjEwMjgwNTM3MjlaMCQxCzAJBgNVBAYTAkRFMRUwEwYDVQQDDAxsZWFmLmV4\\n"
     "YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARLkdSyUflBXqdNDFSHynhp\\n"
     "ktPz7Wz6oqtX/uMl47EMELXVuA2rmq//56LhklVuNcOwoOohAxTfFSqj/BxDEz9F\\n"
     "o4GLMIGIMDEGA1UdEQQqMCiCDGxlYWYuZXhhbXBsZYcECgAAAYYSc3BpZmZlOi8v\\n"
     "ZXhhbXBsZS94MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTiIN4/hlSO\\n"
     "r/WcpWdFKRsy5Uot4TAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDAK\\n"
     "BggqhkjOPQQDAgNIADBFAiAbPLjebCCNSJvYtaok2mg+7TkAOnj8mQm6NexHdX4W\\n"
     "WgIhAK+yI7yMkzexiKyMXa0oG0hT46eG0qVsNy0lBwQUmFO4\\n"
     "-----END CERTIFICATE-----\\n"
     "-----BEGIN CERTIFICATE-----\\n"
     "MIIBtzCCAV6gAwIBAgIUP4gVsbKdOftu9k+rf0M4Vv43t4YwCgYIKoZIzj0EAwIw\\n"
     "JzERMA8GA1UECgwIU2VhIFdhbGwxEjAQBgNVBAMMCVRlc3QgUm9vdDAgFw0yNjEx\\n"
     "MjEwNTM3MjlaGA8yMTI2MTAyODA1MzcyOVowJzERMA8GA1UECgwIU2VhIFdhbGwx\\n"
     "EjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOew\\n"
     "14E+/AiJvuN7Rzpnqib4agm+NECX2rQmCTG/O+bNJEihYW10u1hdbTlUMj+tCcEH\\n"
     "HbPlS34OGNrQXRk3ARyjZjBkMB0GA1UdDgQWBBQkzmeDTsftzfNGFDp5UUdshitE\\n"
     "NDAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDASBgNVHRMBAf8ECDAG\\n"
     "AQH/AgEBMA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBEAiByWEYswkC0\\n"
     "nPE74dpaRO0Av4SqpAeX/TVQGictf4m8IAIgdbc1wqylHbdSswk+QWdLpSRkupFF\\n"
     "Uwn87p5I04Vs8Rk=\\n"
     "-----END CERTIFICATE-----\\n"
     "\",{\"CurrentTime\":\"x\"}]",
     "error: crypto.x509.parse_and_verify_certificates_with_options: 'CurrentTime' should "
     "be a number"},
};

static const char ca[] = "-----BEGIN CERTIFICATE-----\n"
                         "MIIBtzCCAV6gAwIBAgIUP4gVsbKdOftu9k+rf0M4Vv43t4YwCgYIKoZIzj0EAwIw\n"
                         "JzERMA8GA1UECgwIU2VhIFdhbGwxEjAQBgNVBAMMCVRlc3QgUm9vdDAgFw0yNjEx\n"
                         "MjEwNTM3MjlaGA8yMTI2MTAyODA1MzcyOVowJzERMA8GA1UECgwIU2VhIFdhbGwx\n"
                         "EjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOew\n"
                         "14E+/AiJvuN7Rzpnqib4agm+NECX2rQmCTG/O+bNJEihYW10u1hdbTlUMj+tCcEH\n"
                         "HbPlS34OGNrQXRk3ARyjZjBkMB0GA1UdDgQWBBQkzmeDTsftzfNGFDp5UUdshitE\n"
                         "NDAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDASBgNVHRMBAf8ECDAG\n"
                         "AQH/AgEBMA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBEAiByWEYswkC0\n"
                         "nPE74dpaRO0Av4SqpAeX/TVQGictf4m8IAIgdbc1wqylHbdSswk+QWdLpSRkupFF\n"
                         "Uwn87p5I04Vs8Rk=\n"
                         "-----END CERTIFICATE-----\n";
static const char leaf[] = "-----BEGIN CERTIFICATE-----\n"
                           "MIIB0DCCAXagAwIBAgIJEjRWeJCrze8SMAoGCCqGSM49BAMCMCcxETAPBgNVBAoM\n"
                           "CFNlYSBXYWxsMRIwEAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIxMDUzNzI5WhgP\n"
                           "MjEyNjEwMjgwNTM3MjlaMCQxCzAJBgNVBAYTAkRFMRUwEwYDVQQDDAxsZWFmLmV4\n"
                           "YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARLkdSyUflBXqdNDFSHynhp\n"
                           "ktPz7Wz6oqtX/uMl47EMELXVuA2rmq//56LhklVuNcOwoOohAxTfFSqj/BxDEz9F\n"
                           "o4GLMIGIMDEGA1UdEQQqMCiCDGxlYWYuZXhhbXBsZYcECgAAAYYSc3BpZmZlOi8v\n"
                           "ZXhhbXBsZS94MBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTiIN4/hlSO\n"
                           "r/WcpWdFKRsy5Uot4TAfBgNVHSMEGDAWgBQkzmeDTsftzfNGFDp5UUdshitENDAK\n"
                           "BggqhkjOPQQDAgNIADBFAiAbPLjebCCNSJvYtaok2mg+7TkAOnj8mQm6NexHdX4W\n"
                           "WgIhAK+yI7yMkzexiKyMXa0oG0hT46eG0qVsNy0lBwQUmFO4\n"
                           "-----END CERTIFICATE-----\n";
static const char policies[] = "-----BEGIN CERTIFICATE-----\n"
                               "MIICejCCAh+gAwIBAgIBBTAKBggqhkjOPQQDAjAnMREwDwYDVQQKDAhTZWEgV2Fs\n"
                               "bDESMBAGA1UEAwwJVGVzdCBSb290MCAXDTI2MTEyMTA2MTI0MFoYDzIxMjYxMDI4\n"
                               "MDYxMjQwWjAkMQswCQYDVQQGEwJERTEVMBMGA1UEAwwMbGVhZi5leGFtcGxlMFkw\n"
                               "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAES5HUslH5QV6nTQxUh8p4aZLT8+1s+qKr\n"
                               "V/7jJeOxDBC11bgNq5qv/+ei4ZJVbjXDsKDqIQMU3xUqo/wcQxM/RaOCATswggE3\n"
                               "MBgGA1UdIAQRMA8wBQYDKgMEMAYGBFUdIAAwCgYDVR02BAMCAQIwDwYDVR0kBAgw\n"
                               "BoABA4EBADAYBgNVHSEEETAPMA0GAyoDBAYGKoZIhvcNMD4GA1UdHgEB/wQ0MDKg\n"
                               "GDANggtleGFtcGxlLmNvbTAHgQVhLmNvbaEWMAqHCAoAAAD/AAAAMAiGBi54LmNv\n"
                               "bTBEBggrBgEFBQcBAQQ4MDYwGgYIKwYBBQUHMAGGDmh0dHA6Ly9vY3NwLngvMBgG\n"
                               "CCsGAQUFBzAChgxodHRwOi8vY2EueC8wHgYDVR0fBBcwFTAToBGgD4YNaHR0cDov\n"
                               "L2NybC54LzAdBgNVHQ4EFgQU4iDeP4ZUjq/1nKVnRSkbMuVKLeEwHwYDVR0jBBgw\n"
                               "FoAUJM5ng07H7c3zRhQ6eVFHbIYrRDQwCgYIKoZIzj0EAwIDSQAwRgIhAOxtKWmF\n"
                               "fhGUN9aV1W08Ornl9xzugY+1minU0hbdTayDAiEAojqJFlR8XWhMAWhojftmtjA/\n"
                               "iFqcV8fwrXiHx5NmrJY=\n"
                               "-----END CERTIFICATE-----\n";
static const char request[] = "-----BEGIN CERTIFICATE REQUEST-----\n"
                              "MIIBIzCBygIBADAkMQswCQYDVQQGEwJERTEVMBMGA1UEAwwMbGVhZi5leGFtcGxl\n"
                              "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAES5HUslH5QV6nTQxUh8p4aZLT8+1s\n"
                              "+qKrV/7jJeOxDBC11bgNq5qv/+ei4ZJVbjXDsKDqIQMU3xUqo/wcQxM/RaBEMEIG\n"
                              "CSqGSIb3DQEJDjE1MDMwMQYDVR0RBCowKIIMbGVhZi5leGFtcGxlhwQKAAABhhJz\n"
                              "cGlmZmU6Ly9leGFtcGxlL3gwCgYIKoZIzj0EAwIDSAAwRQIgD5clFHJavc4+Ttz6\n"
                              "emf2sO/Lgyw1f2SCqL3gTtzswyMCIQDHSz96Bb7x9seguFTSkxslXTN0sRzEqO0H\n"
                              "2qS1+gg7Sg==\n"
                              "-----END CERTIFICATE REQUEST-----\n";

static int start(void **state)
{
  (void)state;
  arena_init(&test_arena, 0);
  test_cache = builtin_cache_new();
  return 0;
}

static int stop(void **state)
{
  (void)state;
  builtin_cache_free(test_cache);
  arena_free(&test_arena);
  return 0;
}

static void calls_give_what_they_should(void **state)
{
  (void)state;
  test_calls(calls, sizeof calls / sizeof *calls);
}

/* What a function of texts gives; the second text may be NULL. */
static struct value answer(const char *name, struct str first, const char *second)
{
  struct builtin_context c = test_context();
  struct value args[2] = {value_string(first), second ? test_value(second) : VALUE_NONE};
  struct value result = VALUE_NONE;
  enum builtin_result rc = builtin_call(&c, builtin_find(str_from(name)), args, &result);
  if (rc != BUILTIN_VALUE)
    print_error("%s: %s\n", name, c.error.message);
  assert_int_equal(rc, BUILTIN_VALUE);
  return result;
}

static void assert_member(struct value v, const char *name, const char *expected)
{
  struct builtin_context c = test_context();
  struct str text;
  assert_int_equal(builtin_term_text(&c, value_get_str(v, str_from(name)), &text), BUILTIN_VALUE);
  assert_str(text, expected);
}

static void certificates_have_gos_members(void **state)
{
  (void)state;
  struct value v = answer("crypto.x509.parse_certificates", str_from(leaf), NULL);
  assert_int_equal(v.len, 1);
  assert_member(v.items[0], "DNSNames", "[\"leaf.example\"]");
  assert_member(v.items[0], "IPAddresses", "[\"10.0.0.1\"]");
  assert_member(v.items[0], "URIStrings", "[\"spiffe://example/x\"]");
  assert_member(v.items[0], "ExtKeyUsage", "[1]");
  assert_member(v.items[0], "NotBefore", "\"2026-11-21T05:37:29Z\"");
  assert_member(v.items[0], "SerialNumber", "335812727627494321938");
  assert_member(v.items[0], "SignatureAlgorithm", "10");
  v = answer("crypto.x509.parse_certificates", str_from(ca), NULL);
  assert_member(v.items[0], "IsCA", "true");
  assert_member(v.items[0], "MaxPathLen", "1");
  assert_member(v.items[0], "KeyUsage", "32");
  v = answer("crypto.x509.parse_certificate_request", str_from(request), NULL);
  assert_member(v, "DNSNames", "[\"leaf.example\"]");
  assert_member(v, "Version", "0");
}

static void policies_are_told(void **state)
{
  (void)state;
  struct value v = answer("crypto.x509.parse_certificates", str_from(policies), NULL).items[0];
  assert_member(v, "Policies", "[\"1.2.3.4\", \"2.5.29.32.0\"]");
  assert_member(v, "PolicyMappings",
                "[{\"IssuerDomainPolicy\": \"1.2.3.4\", "
                "\"SubjectDomainPolicy\": \"1.2.840.113549\"}]");
  assert_member(v, "InhibitAnyPolicy", "2");
  assert_member(v, "InhibitPolicyMappingZero", "true");
  assert_member(v, "RequireExplicitPolicy", "3");
  assert_member(v, "ExcludedIPRanges", "[{\"IP\": \"10.0.0.0\", \"Mask\": \"/wAAAA==\"}]");
  assert_member(v, "OCSPServer", "[\"http://ocsp.x/\"]");
}

static void chains_are_verified(void **state)
{
  (void)state;
  static const char name[] = "crypto.x509.parse_and_verify_certificates_with_options";
  static const struct {
    const char *options;
    bool right;
  } cases[] = {
      {"{\"CurrentTime\":1800000000000000000}", true},
      {"{\"CurrentTime\":1500000000000000000}", false},
      {"{\"CurrentTime\":1800000000000000000,\"DNSName\":\"leaf.example\"}", true},
      {"{\"CurrentTime\":1800000000000000000,\"DNSName\":\"nowhere\"}", false},
      {"{\"CurrentTime\":1800000000000000000,\"KeyUsages\":[\"KeyUsageServerAuth\"]}", true},
      {"{\"CurrentTime\":1800000000000000000,\"KeyUsages\":[\"KeyUsageClientAuth\"]}", false},
  };
  struct str chain = arena_printf(&test_arena, "%s%s", ca, leaf);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct value v = answer(name, chain, cases[i].options);
    assert_int_equal(v.items[0].boolean, cases[i].right);
    assert_int_equal(v.items[1].len, cases[i].right ? 2 : 0);
  }
}

static void keys_become_jwks(void **state)
{
  (void)state;
  EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256");
  struct value v =
      answer("crypto.x509.parse_rsa_private_key", made_old_pem(&test_arena, rsa), NULL);
  assert_member(v, "kty", "\"RSA\"");
  assert_member(v, "e", "\"AQAB\"");
  struct str both = arena_printf(&test_arena, "%.*s%.*s",
                                 STR_FMT(made_private_pem(&test_arena, ec)),
                                 STR_FMT(made_private_pem(&test_arena, rsa)));
  v = answer("crypto.parse_private_keys", both, NULL);
  assert_int_equal(v.len, 2);
  assert_int_equal(v.items[0].type, VALUE_OBJECT);
  EVP_PKEY_free(ec);
  EVP_PKEY_free(rsa);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(calls_give_what_they_should),
      cmocka_unit_test_setup_teardown(certificates_have_gos_members, start, stop),
      cmocka_unit_test_setup_teardown(policies_are_told, start, stop),
      cmocka_unit_test_setup_teardown(chains_are_verified, start, stop),
      cmocka_unit_test_setup_teardown(keys_become_jwks, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
