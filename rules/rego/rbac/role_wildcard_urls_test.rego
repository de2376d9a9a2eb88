package seawall.rules.role_wildcard_urls_test

import data.seawall.lib.testing
import data.seawall.rules.role_wildcard_urls.finding

role(rules) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": {"name": "ops"}, "rules": rules,
})

test_star if {
	count(finding) == 1 with input as role([{"nonResourceURLs": ["*"], "verbs": ["get"]}])
}

test_slash_star if {
	some f in finding with input as role([{"nonResourceURLs": ["/healthz", "/*"], "verbs": ["get"]}])
	f.message == `ClusterRole "ops" covers the URLs "/*" of the API server`
}

test_a_folder if {
	count(finding) == 0 with input as role([{"nonResourceURLs": ["/healthz/*"], "verbs": ["get"]}])
}

test_no_urls if {
	count(finding) == 0 with input as role([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}])
}
