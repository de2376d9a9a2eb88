package seawall.rules.secret_registry_credentials_test

import data.seawall.lib.testing
import data.seawall.rules.secret_registry_credentials.finding

secret(type, fields) := testing.object_input(object.union({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pull"}, "type": type}, fields))

config := json.marshal({"auths": {"registry.example.com": {"auth": "c2hvcDpodW50ZXIyMg=="}, "ghcr.io": {"username": "a", "password": "hunter22"}, "quay.io": {}}})

test_encoded if {
	some f in finding with input as secret("kubernetes.io/dockerconfigjson", {"data": {".dockerconfigjson": base64.encode(config)}})
	f.message == `Secret "pull" holds credentials for ghcr.io, registry.example.com`
	f.path == ["data", ".dockerconfigjson"]
	not "evidence" in object.keys(f)
}

test_plain if {
	count(finding) == 1 with input as secret("kubernetes.io/dockerconfigjson", {"stringData": {".dockerconfigjson": config}})
}

test_older_form if {
	older := json.marshal({"https://index.docker.io/v1/": {"auth": "c2hvcDpodW50ZXIyMg=="}})
	count(finding) == 1 with input as secret("kubernetes.io/dockercfg", {"data": {".dockercfg": base64.encode(older)}})
}

test_placeholders if {
	count(finding) == 0 with input as secret("kubernetes.io/dockerconfigjson", {"stringData": {".dockerconfigjson": `{"auths": {"a": {"auth": "${AUTH}"}}}`}})
	count(finding) == 0 with input as secret("kubernetes.io/dockerconfigjson", {"stringData": {".dockerconfigjson": "{{ .auth }}"}})
}

test_empty_and_odd if {
	count(finding) == 0 with input as secret("kubernetes.io/dockerconfigjson", {"data": {".dockerconfigjson": "e30="}})
	count(finding) == 0 with input as secret("kubernetes.io/dockerconfigjson", {"data": {".dockerconfigjson": 5}})
	count(finding) == 0 with input as secret("Opaque", {"data": {".dockerconfigjson": base64.encode(config)}})
}
