# METADATA
# title: Volume can be written from many nodes at once
# description: >-
#   ReadWriteMany lets every pod that names the claim write to the same files: one that was broken
#   into changes what all others read.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
# custom:
#   id: volume-claim-shared
#   severity: info
#   remedy: >-
#     Use ReadWriteOncePod or ReadWriteOnce where one program writes, and mount readOnly where
#     others read.
#   kinds: [PersistentVolumeClaim]
#   controls:
#     mitre: ["T1005"]
package seawall.rules.volume_claim_shared

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s can be written from many nodes at once (ReadWriteMany)", [meta.title]),
	"path": ["spec", "accessModes"],
	"evidence": "ReadWriteMany",
} if {
	"ReadWriteMany" in input.object.spec.accessModes
}
