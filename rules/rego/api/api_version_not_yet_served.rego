# METADATA
# title: API version does not exist yet in the target version
# description: >-
#   The cluster for which the manifests are judged does not know this version of the API: the
#   object cannot be created there. Older versions of the same kind may be served.
# related_resources:
#   - https://kubernetes.io/docs/reference/using-api/#api-versioning
#   - https://kubernetes.io/docs/reference/using-api/deprecation-guide/
# custom:
#   id: api-version-not-yet-served
#   severity: medium
#   remedy: >-
#     Use the version that the target serves (kubectl api-versions), or upgrade the cluster
#     first. Change targetVersion if it is out of date.
#   kinds: ["*"]
#   parameters: [targetVersion]
#   controls:
#     nsa: ["10.0"]
package seawall.rules.api_version_not_yet_served

import data.seawall.lib.apis

finding contains {
	"message": sprintf("%s of %s exists from v1.%d on, the target is v1.%d", [input.object.kind, input.object.apiVersion, since, apis.minor]),
	"path": ["apiVersion"],
	"evidence": input.object.apiVersion,
} if {
	since := apis.introduced[input.object.apiVersion][input.object.kind]
	since > apis.minor
}
