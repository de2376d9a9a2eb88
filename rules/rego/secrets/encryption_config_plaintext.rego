# METADATA
# title: Secrets are stored in etcd without encryption
# description: >-
#   The API server writes with the first provider of the list. identity means plain text: whoever
#   has a backup or a disk of etcd reads all Secrets.
# related_resources:
#   - https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
# custom:
#   id: encryption-config-plaintext
#   severity: high
#   remedy: >-
#     Put kms (v2) or secretbox first and identity last, so that what is there can still be
#     read; then rewrite all Secrets with kubectl get secrets -A -o json | kubectl replace -f -.
#   kinds: [apiserver.config.k8s.io/EncryptionConfiguration, EncryptionConfig]
#   controls:
#     nsa: ["6.1", "6.2"]
#     mitre: ["T1552"]
#   example: |
#     apiVersion: apiserver.config.k8s.io/v1
#     kind: EncryptionConfiguration
#     resources:
#       - resources: [secrets]
#         providers:
#           - kms:
#               apiVersion: v2
#               name: vault
#               endpoint: unix:///run/kms.sock
#           - identity: {}
#   aliases:
#     kubescape: ["C-0066"]
package seawall.rules.encryption_config_plaintext

covers_secrets(entry) if {
	some resource in entry.resources
	resource in {"secrets", "*.", "*.*"}
}

finding contains {
	"message": "secrets are written with identity: in plain text",
	"path": ["resources", i, "providers", 0],
} if {
	some i, entry in input.object.resources
	covers_secrets(entry)
	is_object(entry.providers[0])
	some provider, _ in entry.providers[0]
	provider == "identity"
}

finding contains {
	"message": "no entry covers secrets: they are written in plain text",
	"path": ["resources"],
} if {
	is_array(input.object.resources)
	count([e | some e in input.object.resources; covers_secrets(e)]) == 0
}

# Both of them are known to fail against somebody who can write to etcd, or after too many writes.
finding contains {
	"message": sprintf("secrets are written with %s", [provider]),
	"path": ["resources", i, "providers", 0, provider],
	"severity": "low",
	"remedy": "Prefer kms (v2), or secretbox where there is no key service.",
} if {
	some i, entry in input.object.resources
	covers_secrets(entry)
	some provider, _ in entry.providers[0]
	provider in {"aescbc", "aesgcm"}
}
