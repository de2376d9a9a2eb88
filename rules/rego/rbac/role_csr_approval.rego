# METADATA
# title: Role lets its holders approve or sign certificates
# description: >-
#   A certificate that the cluster's signer signs is an identity: whoever approves requests and
#   may sign for kubernetes.io/kube-apiserver-client can make themselves a member of
#   system:masters that no deletion of a binding takes away.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#csrs-and-certificate-issuing
# custom:
#   id: role-csr-approval
#   severity: high
#   remedy: >-
#     Leave approval to the controller that is made for it. Limit the verbs approve and sign
#     with resourceNames to one signer.
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   controls:
#     cis-kubernetes: ["5.1.11"]
#     nsa: ["7.2"]
#     mitre: ["T1078", "T1098"]
package seawall.rules.role_csr_approval

import data.seawall.lib.rbac

group := "certificates.k8s.io"

finding contains rbac.told(r, "certificatesigningrequests/approval", verbs, "high") if {
	some r in rbac.rules
	verbs := rbac.gives(r, group, "certificatesigningrequests/approval", {"update", "patch"})
}

finding contains rbac.told(r, "certificatesigningrequests/status", verbs, "high") if {
	some r in rbac.rules
	verbs := rbac.gives(r, group, "certificatesigningrequests/status", {"update", "patch"})
}

finding contains rbac.told(r, "signers", verbs, "high") if {
	some r in rbac.rules
	not r.limited
	verbs := rbac.gives(r, group, "signers", {"approve", "sign"})
}
