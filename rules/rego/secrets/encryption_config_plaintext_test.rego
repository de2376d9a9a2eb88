package seawall.rules.encryption_config_plaintext_test

import data.seawall.lib.testing
import data.seawall.rules.encryption_config_plaintext.finding

config(resources) := testing.object_input({"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration", "resources": resources})

test_identity_first if {
	some f in finding with input as config([{"resources": ["secrets"], "providers": [{"identity": {}}, {"secretbox": {"keys": []}}]}])
	f.message == "secrets are written with identity: in plain text"
	f.path == ["resources", 0, "providers", 0]
}

test_not_covered if {
	some f in finding with input as config([{"resources": ["configmaps"], "providers": [{"secretbox": {}}]}])
	f.path == ["resources"]
}

test_weak if {
	some f in finding with input as config([{"resources": ["*.*"], "providers": [{"aescbc": {"keys": []}}, {"identity": {}}]}])
	f.severity == "low"
}

test_sound if {
	count(finding) == 0 with input as config([{"resources": ["configmaps", "secrets"], "providers": [{"kms": {"apiVersion": "v2"}}, {"identity": {}}]}])
	count(finding) == 0 with input as config([{"resources": ["secrets"], "providers": [{"secretbox": {}}]}])
}

test_odd_shapes if {
	count(finding) == 0 with input as config(null)
	count(finding) == 0 with input as config([{"resources": ["secrets"], "providers": null}])
	count(finding) == 0 with input as config([{"resources": ["secrets"], "providers": ["identity"]}])
}
