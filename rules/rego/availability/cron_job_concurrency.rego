# METADATA
# title: Runs of a CronJob may overlap
# description: >-
#   With concurrencyPolicy Allow, the default, a run that takes long is joined by the next, and
#   by one more each time.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
# custom:
#   id: cron-job-concurrency
#   severity: info
#   remedy: >-
#     Set concurrencyPolicy: Forbid or Replace, unless runs may overlap.
#   kinds: [batch/CronJob]
package seawall.rules.cron_job_concurrency

finding contains {
	"message": "runs may overlap (concurrencyPolicy Allow)",
	"path": ["spec", "concurrencyPolicy"],
} if {
	object.get(input.object.spec, "concurrencyPolicy", "Allow") in {"Allow", "", null}
}
