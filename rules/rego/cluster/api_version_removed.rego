# METADATA
# title: API version is no longer served
# description: >-
#   API servers of the target version refuse the object: what it describes is not applied, or
#   not any more after the upgrade.
# related_resources:
#   - https://kubernetes.io/docs/reference/using-api/deprecation-guide/
# custom:
#   id: api-version-removed
#   severity: medium
#   remedy: >-
#     Write it in the API version that the message names. The parameter targetVersion says
#     which Kubernetes is meant.
#   kinds: ["*"]
#   parameters: [targetVersion]
#   controls:
#     nsa: ["10.0"]
#   aliases:
#     kube-linter: ["no-extensions-v1beta"]
#     kube-score: ["stable-version"]
#     kubeaudit: ["deprecatedapis"]
package seawall.rules.api_version_removed

import data.seawall.lib.apis

finding contains object.union(said, apis.fix) if {
	apis.entry[1] <= apis.minor
	said := {
		"message": sprintf("%s of %s is gone since v1.%d; use %s", [input.object.kind, input.object.apiVersion, apis.entry[1], apis.entry[2]]),
		"path": ["apiVersion"],
		"evidence": input.object.apiVersion,
	}
}
