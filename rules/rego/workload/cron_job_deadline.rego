# METADATA
# title: CronJob has no deadline for late starts
# description: >-
#   Without startingDeadlineSeconds, runs that were missed while the controller was down are counted
#   without end; after 100 of them the job is never started again.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
# custom:
#   id: cron-job-deadline
#   severity: low
#   remedy: Set spec.startingDeadlineSeconds, to less than the time between two runs.
#   kinds: [batch/CronJob]
#   example: |
#     spec:
#       schedule: "0 3 * * *"
#       startingDeadlineSeconds: 3600
#   aliases:
#     kube-score: [cronjob-has-deadline]
package seawall.rules.cron_job_deadline

finding contains {
	"message": "no startingDeadlineSeconds: after 100 missed runs the job is never started again",
	"path": ["spec", "startingDeadlineSeconds"],
} if {
	object.get(input.object.spec, "startingDeadlineSeconds", null) == null
}
