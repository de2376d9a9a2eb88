package seawall.rules.configmap_credential_value_test

import data.seawall.lib.testing
import data.seawall.rules.configmap_credential_value.finding

config_map(data_) := testing.object_input({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}, "data": data_})

test_private_key if {
	some f in finding with input as config_map({"a_key": "fine", "ssh": "-----BEGIN OPENSSH PRIVATE KEY-----\nxxxx\n-----END OPENSSH PRIVATE KEY-----\n"})
	f.message == `ConfigMap "config" holds a private key under "ssh"`
	f.path == ["data", "ssh"]
	not "evidence" in object.keys(f)
}

test_tokens if {
	every token in [
		concat("", ["AKIA", "IOSFODNN7EXAMPLE"]),
		concat("", ["ghp_", "0123456789abcdefghijABCDEFGHIJ012345"]),
		concat("", ["glpat-", "abcdefghij0123456789"]),
		concat("", ["xoxb-", "123456789012-abcdef"]),
		concat("", ["sk_live_", "0123456789abcdef0123"]),
		concat("", ["postgres://shop:", "hunter22@db:5432/shop"]),
		concat("", ["eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.", "dozjgNryP4J3jVmNHl0w5N"]),
	] {
		count(finding) == 1 with input as config_map({"settings.ini": sprintf("a = 1\nb = %s\n", [token])})
	}
}

test_public_things if {
	every text in [
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
		"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
		"https://example.com/a?b=c@d", "postgres://shop:${PASSWORD}@db:5432/shop", "ghp_short", "AKIA",
	] {
		count(finding) == 0 with input as config_map({"file": text})
	}
}

test_odd_shapes if {
	count(finding) == 0 with input as config_map(null)
	count(finding) == 0 with input as config_map({"a": 1, "b": null})
}
