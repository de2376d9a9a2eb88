#include "builtins.h"

static const struct call calls[] = {
    {"io.jwt.decode",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\"]",
     "[{\"alg\": \"HS256\", \"typ\": \"JWT\"}, {\"iss\": \"xxx\"}, \"1de9c6fdfc601d03760c7"
     "ec69f6187ff6da5a75e9e2d59fa709995fa514465a5\"]"},
    {"io.jwt.decode", "[\"a.b\"]",
     "error: io.jwt.decode: encoded JWT must have 3 sections, found 2"},
    {"io.jwt.decode", "[\"!.e30.x\"]",
     "error: io.jwt.decode: JWT header had invalid encoding: illegal base64url string: !"},
    {"io.jwt.decode", "[\"e30.!.x\"]",
     "error: io.jwt.decode: JWT payload had invalid encoding: illegal base64url string: !"},
    {"io.jwt.decode", "[\"W10.e30.\"]",
     "error: io.jwt.decode: bad JWT header: decoded JSON type was not an Object"},
    {"io.jwt.decode",
     "[\"eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0.eyJhIjoxfQ.CmHzECp0v6eGpmgY-ulivK9_P0QrIX"
     "MCXB2o3ASvC4w\"]",
     "error: io.jwt.decode: JWT is a JWE object, which is not supported"},
    {"io.jwt.decode",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhIjoxfQ.57TF7smP9XDhIexBqPC-F1toZReYZLWb_"
     "YRU5tv0sxM.x.y\"]",
     "error: io.jwt.decode: encoded JWT must have 3 sections, found 5"},
    {"io.jwt.decode", "[1]", "type: io.jwt.decode: operand 1 must be string but got number"},
    {"io.jwt.decode",
     "[\"eyJhbGciOiJIUzI1NiIsImN0eSI6IkpXVCJ9.ZXlKaGJHY2lPaUpJVXpJMU5pSXNJblI1Y0NJNklrcFhW"
     "Q0o5LmV5SnBjM01pT2lKNGVIZ2lmUS5IZW5HX2Z4Z0hRTjJESDdHbjJHSF8yMmxwMTZlTFZuNmNKbVYtbEZF"
     "WmFV.eA\"]",
     "[{\"alg\": \"HS256\", \"typ\": \"JWT\"}, {\"iss\": \"xxx\"}, \"1de9c6fdfc601d03760c7"
     "ec69f6187ff6da5a75e9e2d59fa709995fa514465a5\"]"},
    {"io.jwt.verify_hs256",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",\"secret\"]",
     "true"},
    {"io.jwt.verify_hs256",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",\"wrong\"]",
     "false"},
    {"io.jwt.verify_hs384",
     "[\"eyJhbGciOiJIUzM4NCJ9.eyJhIjoxfQ.OuS-kdJRZ43hWKiN2N7NLIoxhcrz6YYTtFEyRJ5Wet593ob27"
     "ph09v7qZHsh7CRL\",\"secret\"]",
     "true"},
    {"io.jwt.verify_hs512",
     "[\"eyJhbGciOiJIUzUxMiJ9.eyJhIjoxfQ.BF_tUPvklg9KFYZK9lo-0_HXBevC990FcmaXXELkB3yqoT6SU"
     "SJ_y022W5p1CKLuwaqDA4D7x9DlZkGE9EQfbA\",\"secret\"]",
     "true"},
    {"io.jwt.verify_es256",
     "[\"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj"
     "Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q\",\"{\\\"kty\\\":\\\"EC\\\",\\\"crv\\\":\\\"P-"
     "256\\\",\\\"x\\\":\\\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\\\",\\\"y\\\":\\\""
     "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\\\"}\"]",
     "true"},
    {"io.jwt.verify_es256",
     "[\"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj"
     "Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6AAAA\",\"{\\\"kty\\\":\\\"EC\\\",\\\"crv\\\":\\\"P-"
     "256\\\",\\\"x\\\":\\\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\\\",\\\"y\\\":\\\""
     "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\\\"}\"]",
     "false"},
    {"io.jwt.verify_es256",
     "[\"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj"
     "Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q\",\"{\\\"keys\\\":[{\\\"kty\\\":\\\"RSA\\\",\\"
     "\"n\\\":\\\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qP"
     "CJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7"
     "OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD"
     "Zlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
     "TW9gb54h4FRWyuXpoQ\\\",\\\"e\\\":\\\"AQAB\\\"},{\\\"kty\\\":\\\"EC\\\",\\\"crv\\\":"
     "\\\"P-256\\\",\\\"x\\\":\\\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\\\",\\\"y\\"
     "\":\\\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\\\"}]}\"]",
     "true"},
    {"io.jwt.verify_es256",
     "[\"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj"
     "Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q\",\"{\\\"kty\\\":\\\"RSA\\\",\\\"n\\\":\\\"ofg"
     "WCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1P"
     "t0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kp"
     "aSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9"
     "kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuX"
     "poQ\\\",\\\"e\\\":\\\"AQAB\\\"}\"]",
     "false"},
    {"io.jwt.verify_es256",
     "[\"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj"
     "Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q\",\"x\"]",
     "error: io.jwt.verify_es256: failed to parse a JWK key (set): found 'x' instead of a "
     "value"},
    {"io.jwt.verify_es256",
     "[\"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj"
     "Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q\",\"-----BEGIN CERTIFICATE-----\\n"
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
     "false"},
    {"io.jwt.verify_es384",
     "[\"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj"
     "Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q\",\"{\\\"kty\\\":\\\"EC\\\",\\\"crv\\\":\\\"P-"
     "256\\\",\\\"x\\\":\\\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\\\",\\\"y\\\":\\\""
     "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\\\"}\"]",
     "false"},
    {"io.jwt.verify_rs256",
     "[\"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9P"
     "Jbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynR"
     "FdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO"
     "--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqV"
     "t5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw\",\"{\\\"kty\\\":\\\"RSA\\\",\\\"n\\\":\\"
     "\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPM"
     "EzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bS"
     "f63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5"
     "ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4F"
     "RWyuXpoQ\\\",\\\"e\\\":\\\"AQAB\\\"}\"]",
     "true"},
    {"io.jwt.verify_rs512",
     "[\"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9P"
     "Jbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynR"
     "FdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO"
     "--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqV"
     "t5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw\",\"{\\\"kty\\\":\\\"RSA\\\",\\\"n\\\":\\"
     "\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPM"
     "EzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bS"
     "f63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5"
     "ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4F"
     "RWyuXpoQ\\\",\\\"e\\\":\\\"AQAB\\\"}\"]",
     "false"},
    {"io.jwt.verify_ps256",
     "[\"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9P"
     "Jbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynR"
     "FdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO"
     "--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqV"
     "t5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw\",\"{\\\"kty\\\":\\\"RSA\\\",\\\"n\\\":\\"
     "\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPM"
     "EzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bS"
     "f63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5"
     "ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4F"
     "RWyuXpoQ\\\",\\\"e\\\":\\\"AQAB\\\"}\"]",
     "false"},
    {"io.jwt.verify_eddsa",
     "[\"eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.vGKVz1ca21v6_dmpbt3FX0ENvaIXzgayEazfTOZwAnZxYjHwv"
     "S9-eT0EsjCDwBNeZKO7vVQT0879n9w35GD-Aw\",\"{\\\"kty\\\":\\\"OKP\\\",\\\"crv\\\":\\\"E"
     "d25519\\\",\\\"x\\\":\\\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\\\"}\"]",
     "true"},
    {"io.jwt.verify_eddsa",
     "[\"eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.vGKVz1ca21v6_dmpbt3FX0ENvaIXzgayEazfTOZwAnZxYjHwv"
     "S9-eT0EsjCDwBNeZKO7vVQT0879n9w35GD-Aw\",\"{\\\"kty\\\":\\\"EC\\\",\\\"crv\\\":\\\"P-"
     "256\\\",\\\"x\\\":\\\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\\\",\\\"y\\\":\\\""
     "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\\\"}\"]",
     "false"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",{\"secret\":\"secret\"}]",
     "[true, {\"alg\": \"HS256\", \"typ\": \"JWT\"}, {\"iss\": \"xxx\"}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",{\"secret\":\"secret\",\"alg\":\"HS384\"}]",
     "[false, {}, {}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",{\"secret\":\"secret\",\"iss\":\"xxx\"}]",
     "[true, {\"alg\": \"HS256\", \"typ\": \"JWT\"}, {\"iss\": \"xxx\"}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",{\"secret\":\"secret\",\"iss\":\"y\"}]",
     "[false, {}, {}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",{\"secret\":\"secret\",\"aud\":\"y\"}]",
     "[false, {}, {}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgiLCJhdWQiOlsiYSIsImIiXSwiZXhw"
     "IjoxNjcwMDA3NDUzLCJuYmYiOjE2NzAwMDY0NDh9._jXpLl1CJTt5j2UFTQRvlMu0170QXMDpfDKeYdH5RWk"
     "\",{\"secret\":\"secret\"}]",
     "[false, {}, {}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgiLCJhdWQiOlsiYSIsImIiXSwiZXhw"
     "IjoxNjcwMDA3NDUzLCJuYmYiOjE2NzAwMDY0NDh9._jXpLl1CJTt5j2UFTQRvlMu0170QXMDpfDKeYdH5RWk"
     "\",{\"secret\":\"secret\",\"aud\":\"b\"}]",
     "[true, {\"alg\": \"HS256\", \"typ\": \"JWT\"}, {\"aud\": [\"a\", \"b\"], \"exp\": 16"
     "70007453, \"iss\": \"xxx\", \"nbf\": 1670006448}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgiLCJhdWQiOlsiYSIsImIiXSwiZXhw"
     "IjoxNjcwMDA3NDUzLCJuYmYiOjE2NzAwMDY0NDh9._jXpLl1CJTt5j2UFTQRvlMu0170QXMDpfDKeYdH5RWk"
     "\",{\"secret\":\"secret\",\"aud\":\"c\"}]",
     "[false, {}, {}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgiLCJhdWQiOlsiYSIsImIiXSwiZXhw"
     "IjoxNjcwMDA3NDUzLCJuYmYiOjE2NzAwMDY0NDh9._jXpLl1CJTt5j2UFTQRvlMu0170QXMDpfDKeYdH5RWk"
     "\",{\"secret\":\"secret\",\"aud\":\"b\",\"time\":1670007453000000000}]",
     "[false, {}, {}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgiLCJhdWQiOlsiYSIsImIiXSwiZXhw"
     "IjoxNjcwMDA3NDUzLCJuYmYiOjE2NzAwMDY0NDh9._jXpLl1CJTt5j2UFTQRvlMu0170QXMDpfDKeYdH5RWk"
     "\",{\"secret\":\"secret\",\"aud\":\"b\",\"time\":1670006447000000000}]",
     "[false, {}, {}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",{}]",
     "error: io.jwt.decode_verify: no key constraint"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",{\"secret\":\"s\",\"cert\":\"c\"}]",
     "error: io.jwt.decode_verify: failed to parse a JWK key (set): found 'c' instead of a"
     " value"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",{\"secret\":\"s\",\"odd\":1}]",
     "error: io.jwt.decode_verify: unknown token validation constraint: odd"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp"
     "16eLVn6cJmV-lFEZaU\",{\"secret\":1}]",
     "error: io.jwt.decode_verify: secret constraint: must be a string"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.vGKVz1ca21v6_dmpbt3FX0ENvaIXzgayEazfTOZwAnZxYjHwv"
     "S9-eT0EsjCDwBNeZKO7vVQT0879n9w35GD-Aw\",{\"cert\":\"{\\\"kty\\\":\\\"OKP\\\",\\\"crv"
     "\\\":\\\"Ed25519\\\",\\\"x\\\":\\\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\\\"}"
     "\"}]",
     "[true, {\"alg\": \"EdDSA\"}, {\"a\": 1}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l"
     "eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj"
     "Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q\",{\"cert\":\"{\\\"kty\\\":\\\"EC\\\",\\\"crv"
     "\\\":\\\"P-256\\\",\\\"x\\\":\\\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\\\",\\"
     "\"y\\\":\\\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\\\"}\",\"time\":0}]",
     "[true, {\"alg\": \"ES256\"}, {\"exp\": 1300819380, \"http://example.com/is_root\": t"
     "rue, \"iss\": \"joe\"}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJub25lIn0.e30.K5fUbCOH9sO36oYAO2K4X-L0PdIX_krQaQtpuNIHgXo\",{\"secret\""
     ":\"secret\"}]",
     "[false, {}, {}]"},
    {"io.jwt.decode_verify",
     "[\"eyJhbGciOiJIUzI1NiIsImNyaXQiOlsieCJdfQ.e30.b2WSF8PN8msAckK7abSVX-35-0Hz6eMcckgHET"
     "lGWq0\",{\"secret\":\"secret\"}]",
     "[true, {\"alg\": \"HS256\", \"crit\": [\"x\"]}, {}]"},
    {"io.jwt.encode_sign",
     "[{\"alg\":\"HS256\",\"typ\":\"JWT\"},{\"iss\":\"xxx\"},{\"kty\":\"oct\",\"k\":\"c2Vj"
     "cmV0\"}]",
     "\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4eHgifQ.HenG_fxgHQN2DH7Gn2GH_22lp1"
     "6eLVn6cJmV-lFEZaU\""},
    {"io.jwt.encode_sign",
     "[{\"alg\":\"EdDSA\"},{\"a\":1},{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9"
     "WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaP"
     "cHURo\"}]",
     "\"eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.vGKVz1ca21v6_dmpbt3FX0ENvaIXzgayEazfTOZwAnZxYjHwvS"
     "9-eT0EsjCDwBNeZKO7vVQT0879n9w35GD-Aw\""},
    {"io.jwt.encode_sign",
     "[{\"alg\":\"HS256\",\"typ\":\"text/plain\"},{\"a\":1},{\"kty\":\"oct\",\"k\":\"YQ\"}"
     "]",
     "\"eyJhbGciOiJIUzI1NiIsInR5cCI6InRleHQvcGxhaW4ifQ.eyJhIjoxfQ.fB2G6TnoexmsTRdhy86U4e4O"
     "aLwk0kJhNOermGUXcEo\""},
    {"io.jwt.encode_sign", "[{\"alg\":\"XX\"},{\"a\":1},{\"kty\":\"oct\",\"k\":\"YQ\"}]",
     "error: io.jwt.encode_sign: unknown JWS algorithm: XX"},
    {"io.jwt.encode_sign", "[{},{\"a\":1},{\"kty\":\"oct\",\"k\":\"YQ\"}]",
     "error: io.jwt.encode_sign: missing or invalid 'alg' header: jwsbb: header \"alg\" no"
     "t found"},
    {"io.jwt.encode_sign", "[{\"alg\":\"HS256\"},{\"a\":1},{\"kty\":\"RSA\"}]",
     "error: io.jwt.encode_sign: failed to parse JWK: the key has no \"n\""},
    {"io.jwt.encode_sign", "[{\"alg\":\"RS256\"},{\"a\":1},{\"kty\":\"oct\",\"k\":\"YQ\"}]",
     "error: io.jwt.encode_sign: the key cannot be used with RS256"},
    {"io.jwt.encode_sign_raw",
     "[\"{\\\"alg\\\":\\\"HS256\\\",\\\"typ\\\":\\\"JWT\\\"}\",\"{\\\"iss\\\": \\\"xxx\\\""
     "}\",\"{\\\"kty\\\":\\\"oct\\\",\\\"k\\\":\\\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJ"
     "QLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\\\"}\"]",
     "\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiAieHh4In0.vTLNxUGrSbLzVYwV7dVOxIabM"
     "eRdNo1mqT9-vxTNTQA\""},
    {"io.jwt.encode_sign_raw",
     "[\"{\\\"alg\\\":\\\"HS256\\\",\\\"typ\\\":\\\"JWT\\\"}\",\"{\",\"{\\\"kty\\\":\\\"oc"
     "t\\\",\\\"k\\\":\\\"YQ\\\"}\"]",
     "error: io.jwt.encode_sign_raw: type is JWT but payload is not JSON"},
    {"io.jwt.encode_sign_raw", "[\"x\",\"{}\",\"{}\"]",
     "error: io.jwt.encode_sign_raw: failed to parse JWK: \"\" is not a type of keys that "
     "is supported"},
};

TEST_TABLE(calls)
