package seawall.rules.secret_in_manifest_test

import data.seawall.lib.testing
import data.seawall.rules.secret_in_manifest.finding

secret(fields) := testing.object_input(object.union({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "type": "Opaque"}, fields))

test_data if {
	some f in finding with input as secret({"data": {"password": base64.encode("hunter22"), "pin": base64.encode("0000000")}})
	f.message == `Secret "db" holds values of password, pin`
	f.path == ["data"]
	f.severity == "low"
	not "evidence" in object.keys(f)
}

test_no_type if {
	count(finding) == 1 with input as testing.object_input({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"password": "hunter22"}})
}

test_string_data if {
	some f in finding with input as secret({"stringData": {"password": "hunter22"}})
	f.path == ["stringData"]
}

test_private_key if {
	key := "-----BEGIN RSA PRIVATE KEY-----\nxxxx\n-----END RSA PRIVATE KEY-----\n"
	some f in finding with input as secret({"type": "kubernetes.io/tls", "data": {"tls.crt": base64.encode("x"), "tls.key": base64.encode(key)}})
	f.message == `Secret "db" holds values of tls.key, among them a private key`
	f.severity == "high"
}

test_placeholders if {
	count(finding) == 0 with input as secret({"stringData": {"password": "${DB_PASSWORD}", "token": "<path:secret/data/db#token>"}})
	count(finding) == 0 with input as secret({"data": {"password": base64.encode("{{ .password }}"), "empty": ""}})
}

test_encrypted if {
	count(finding) == 0 with input as secret({"sops": {"version": "3.8"}, "data": {"password": "ENC[AES256_GCM,data:x]"}})
	count(finding) == 0 with input as secret({"stringData": {"password": "ENC[AES256_GCM,data:x]"}})
}

test_public_parts if {
	count(finding) == 0 with input as secret({"data": {"ca.crt": base64.encode("x"), "username": base64.encode("shop")}})
}

test_empty if {
	count(finding) == 0 with input as secret({})
	count(finding) == 0 with input as secret({"data": null, "stringData": {}})
}

test_other_types if {
	count(finding) == 0 with input as secret({"type": "helm.sh/release.v1", "data": {"release": "eHh4eHh4eHg="}})
}

test_odd_shapes if {
	count(finding) == 0 with input as secret({"data": "x", "stringData": [1]})
	count(finding) == 1 with input as secret({"data": {"password": "no base64!!", "n": 5}})
}
