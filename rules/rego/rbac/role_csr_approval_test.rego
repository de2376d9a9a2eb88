package seawall.rules.role_csr_approval_test

import data.seawall.lib.testing
import data.seawall.rules.role_csr_approval.finding

role(rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": {"name": "approver"}, "rules": [rule],
})

group := "certificates.k8s.io"

test_approval if {
	some f in finding with input as role({"apiGroups": [group], "resources": ["certificatesigningrequests/approval"], "verbs": ["update"]})
	f.message == `ClusterRole "approver" lets its holders update certificatesigningrequests/approval`
}

test_signers if {
	count(finding) == 1 with input as role({"apiGroups": [group], "resources": ["signers"], "verbs": ["approve", "sign"]})
}

test_one_signer if {
	count(finding) == 0 with input as role({"apiGroups": [group], "resources": ["signers"], "verbs": ["approve"], "resourceNames": ["example.com/serving"]})
}

test_asking_and_reading if {
	count(finding) == 0 with input as role({"apiGroups": [group], "resources": ["certificatesigningrequests"], "verbs": ["create", "get", "watch"]})
	count(finding) == 0 with input as role({"apiGroups": [group], "resources": ["certificatesigningrequests/approval"], "verbs": ["get"]})
}
