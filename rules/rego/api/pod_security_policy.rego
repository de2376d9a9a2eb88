# METADATA
# title: PodSecurityPolicy has no effect any more
# description: >-
#   PodSecurityPolicy was removed in 1.25. A cluster whose pods were limited by it alone limits
#   nothing since its upgrade.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/migrate-from-psp/
#   - https://kubernetes.io/docs/concepts/security/pod-security-admission/
# custom:
#   id: pod-security-policy
#   severity: medium
#   remedy: >-
#     Label namespaces with pod-security.kubernetes.io/enforce, or use another policy engine,
#     and delete the PodSecurityPolicy with the roles that allow its use.
#   kinds: [policy/PodSecurityPolicy, extensions/PodSecurityPolicy]
#   controls:
#     cis-kubernetes: ["5.2.1"]
#     nsa: ["9.1", "10.0"]
package seawall.rules.pod_security_policy

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s has no effect on clusters from 1.25 on", [meta.title]),
	"path": ["kind"],
	"evidence": "PodSecurityPolicy",
}
