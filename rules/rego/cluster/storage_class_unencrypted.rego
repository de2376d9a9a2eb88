# METADATA
# title: Volumes of the StorageClass are not encrypted
# description: >-
#   Snapshots and disks that are not encrypted can be copied by whoever has rights in the cloud
#   account, and read where they end up.
# related_resources:
#   - https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
#   - https://kubernetes.io/docs/concepts/storage/storage-classes/#parameters
# custom:
#   id: storage-class-unencrypted
#   severity: low
#   remedy: >-
#     Set parameters.encrypted to "true", with a kmsKeyId of your own if you have one. Existing
#     volumes stay as they are.
#   kinds: [storage.k8s.io/StorageClass]
#   controls:
#     nsa: ["6.1"]
#     mitre: ["T1005"]
package seawall.rules.storage_class_unencrypted

import data.seawall.lib.meta

# Those that encrypt only if asked to.
provisioners := {"ebs.csi.aws.com", "kubernetes.io/aws-ebs", "efs.csi.aws.com"}

finding contains {
	"message": sprintf("%s makes volumes that are not encrypted", [meta.title]),
	"path": ["parameters", "encrypted"],
} if {
	input.object.provisioner in provisioners - {"efs.csi.aws.com"}
	lower(sprintf("%v", [meta.field(meta.field(input.object, "parameters", {}), "encrypted", "false")])) != "true"
}
