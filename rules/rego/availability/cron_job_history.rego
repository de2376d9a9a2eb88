# METADATA
# title: CronJob keeps no run to look at
# description: >-
#   With a history limit of 0 the pods of runs are gone when they end, with their logs.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
# custom:
#   id: cron-job-history
#   severity: info
#   remedy: >-
#     Keep one failed job at least.
#   kinds: [batch/CronJob]
package seawall.rules.cron_job_history

finding contains {
	"message": sprintf("%s is 0: nothing is left to look at", [field]),
	"path": ["spec", field],
	"evidence": 0,
} if {
	field := "failedJobsHistoryLimit"
	input.object.spec[field] == 0
}
