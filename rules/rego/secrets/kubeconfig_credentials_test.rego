package seawall.rules.kubeconfig_credentials_test

import data.seawall.lib.testing
import data.seawall.rules.kubeconfig_credentials.finding

config(user) := testing.object_input({
	"apiVersion": "v1", "kind": "Config", "clusters": [],
	"users": [{"name": "admin", "user": user}],
})

test_token if {
	some f in finding with input as config({"token": "abcdef0123456789"})
	f.message == `the kubeconfig holds a token of the user "admin"`
	f.path == ["users", 0, "user", "token"]
	not "evidence" in object.keys(f)
}

test_client_key if {
	count(finding) == 1 with input as config({"client-certificate-data": "LS0tLS1CRUdJTg==", "client-key-data": "LS0tLS1CRUdJTg=="})
}

test_plugins_and_files if {
	count(finding) == 0 with input as config({"exec": {"command": "aws"}})
	count(finding) == 0 with input as config({"tokenFile": "/run/token", "client-key": "/etc/key.pem"})
}

test_placeholders if {
	count(finding) == 0 with input as config({"token": "${TOKEN}"})
	count(finding) == 0 with input as config(null)
}

test_another_kind_of_that_name if {
	count(finding) == 0 with input as testing.object_input({"apiVersion": "v1", "kind": "Config", "users": "all"})
}
