# METADATA
# title: Job may run for ever
# description: >-
#   Without activeDeadlineSeconds a job that hangs keeps its resources until somebody looks.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/job/
# custom:
#   id: job-deadline
#   severity: info
#   remedy: >-
#     Set activeDeadlineSeconds.
#   kinds: [batch/Job, batch/CronJob]
#   controls:
#     mitre: ["T1496"]
package seawall.rules.job_deadline

spec := input.object.spec if input.object.kind == "Job"

spec := input.object.spec.jobTemplate.spec if input.object.kind == "CronJob"

path := ["spec"] if {
	input.object.kind == "Job"
} else := ["spec", "jobTemplate", "spec"]

finding contains {
	"message": "no activeDeadlineSeconds: a run that hangs is never ended",
	"path": array.concat(path, ["activeDeadlineSeconds"]),
} if {
	object.get(spec, "activeDeadlineSeconds", null) == null
	not spec.template.spec.activeDeadlineSeconds
}
