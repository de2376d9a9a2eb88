# METADATA
# title: ServiceAccount hands its token to every pod
# description: >-
#   Unless told otherwise, every pod that uses the account gets a token of it as a file. Most
#   programs never speak to the API server; in them the token serves only whoever breaks in.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
# custom:
#   id: service-account-automount
#   severity: info
#   remedy: >-
#     Set automountServiceAccountToken to false in the ServiceAccount, and to true in the pods
#     that need the token.
#   kinds: [ServiceAccount]
#   controls:
#     cis-kubernetes: ["5.1.6"]
#     nsa: ["1.11"]
#     mitre: ["T1528"]
#   example: |
#     apiVersion: v1
#     kind: ServiceAccount
#     metadata:
#       name: web
#     automountServiceAccountToken: false
#   aliases:
#     kubeaudit: [asat]
#     kubescape: ["C-0034", "C-0190"]
package seawall.rules.service_account_automount

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s does not set automountServiceAccountToken to false", [meta.title]),
	"path": ["automountServiceAccountToken"],
	"severity": severity,
} if {
	object.get(input.object, "automountServiceAccountToken", null) in {null, true}
}

# default belongs to whatever runs without an account of its own.
severity := "low" if {
	meta.name == "default"
} else := "low" if {
	input.object.automountServiceAccountToken
} else := "info"
