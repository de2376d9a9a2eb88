package seawall.rules.job_ttl_test

import data.seawall.lib.testing
import data.seawall.rules.job_ttl.finding

test_job_without if {
	count(finding) == 1 with input as testing.workload_input("batch/v1", "Job", {}, {})
}

test_job_with if {
	count(finding) == 0 with input as testing.workload_input("batch/v1", "Job", {"ttlSecondsAfterFinished": 100}, {})
}

test_cron_job_with if {
	count(finding) == 1 with input as testing.object_input({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"ttlSecondsAfterFinished": 5}}}})
}

test_cron_job_without if {
	count(finding) == 0 with input as testing.cron_job_input({}, {})
}
