# METADATA
# title: Finished job is never cleared away, or by two
# description: >-
#   A Job without ttlSecondsAfterFinished stays with its pods until somebody deletes it. The
#   jobs of a CronJob are cleared by its history limits; a time to live there competes with
#   them.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/job/
#   - https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
# custom:
#   id: job-ttl
#   severity: low
#   remedy: >-
#     Set ttlSecondsAfterFinished on a Job; leave it out of a CronJob's template.
#   kinds: [batch/Job, batch/CronJob]
#   aliases:
#     kube-linter: ["job-ttl-seconds-after-finished"]
package seawall.rules.job_ttl

finding contains {
	"message": "no ttlSecondsAfterFinished: the finished job stays until somebody deletes it",
	"path": ["spec", "ttlSecondsAfterFinished"],
} if {
	input.object.kind == "Job"
	object.get(input.object.spec, "ttlSecondsAfterFinished", null) == null
	not owned
	not input.object.metadata.annotations["helm.sh/hook"]
}

finding contains {
	"message": "ttlSecondsAfterFinished competes with the CronJob's history limits",
	"path": ["spec", "jobTemplate", "spec", "ttlSecondsAfterFinished"],
	"evidence": input.object.spec.jobTemplate.spec.ttlSecondsAfterFinished,
} if {
	input.object.kind == "CronJob"
	is_number(input.object.spec.jobTemplate.spec.ttlSecondsAfterFinished)
}

owned if count(input.object.metadata.ownerReferences) > 0
