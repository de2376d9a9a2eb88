package seawall.rules.service_account_listed_secrets_test

import data.seawall.lib.testing
import data.seawall.rules.service_account_listed_secrets.finding

account(annotations, secrets) := testing.object_input({
	"apiVersion": "v1", "kind": "ServiceAccount",
	"metadata": {"name": "web", "annotations": annotations}, "secrets": secrets,
})

test_listed if {
	some f in finding with input as account({}, [{"name": "web-token-x"}])
	f.message == `ServiceAccount "web" lists the Secret "web-token-x"`
	f.path == ["secrets", 0]
}

test_two if {
	count(finding) == 2 with input as account(null, [{"name": "a"}, {"name": "b"}])
}

test_list_of_what_may_be_mounted if {
	count(finding) == 0 with input as account({"kubernetes.io/enforce-mountable-secrets": "true"}, [{"name": "web-tls"}])
}

test_none if {
	count(finding) == 0 with input as account({}, [])
	count(finding) == 0 with input as account({}, null)
}
