# METADATA
# title: API version is deprecated
# description: >-
#   It is still served, and will not be in a release to come.
# related_resources:
#   - https://kubernetes.io/docs/reference/using-api/deprecation-guide/
# custom:
#   id: api-version-deprecated
#   severity: low
#   remedy: >-
#     Write it in the API version that the message names.
#   kinds: ["*"]
#   parameters: [targetVersion]
#   controls:
#     nsa: ["10.0"]
#   aliases:
#     kube-score: ["stable-version"]
#     kubeaudit: ["deprecatedapis"]
package seawall.rules.api_version_deprecated

import data.seawall.lib.apis

finding contains object.union(said, apis.fix) if {
	apis.entry[0] <= apis.minor
	apis.entry[1] > apis.minor
	said := {
		"message": sprintf("%s of %s is gone from v1.%d on; use %s", [input.object.kind, input.object.apiVersion, apis.entry[1], apis.entry[2]]),
		"path": ["apiVersion"],
		"evidence": input.object.apiVersion,
	}
}
