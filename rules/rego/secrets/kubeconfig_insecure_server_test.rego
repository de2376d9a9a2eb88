package seawall.rules.kubeconfig_insecure_server_test

import data.seawall.lib.testing
import data.seawall.rules.kubeconfig_insecure_server.finding

config(cluster) := testing.object_input({"apiVersion": "v1", "kind": "Config", "clusters": [{"name": "prod", "cluster": cluster}]})

test_unverified if {
	some f in finding with input as config({"server": "https://a", "insecure-skip-tls-verify": true})
	f.message == `the kubeconfig does not verify the certificate of the cluster "prod"`
}

test_plain if {
	some f in finding with input as config({"server": "http://api.example.com:8080"})
	f.path == ["clusters", 0, "cluster", "server"]
}

test_verified if {
	count(finding) == 0 with input as config({"server": "https://a", "certificate-authority-data": "x"})
	count(finding) == 0 with input as config({"server": "https://a", "insecure-skip-tls-verify": false})
}

test_proxy_of_kubectl if {
	count(finding) == 0 with input as config({"server": "http://localhost:8001"})
}

test_odd_shapes if {
	count(finding) == 0 with input as config(null)
	count(finding) == 0 with input as config({"server": 5})
}
