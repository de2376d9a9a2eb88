package seawall.rules.job_deadline_test

import data.seawall.lib.testing
import data.seawall.rules.job_deadline.finding

test_job if {
	count(finding) == 1 with input as testing.workload_input("batch/v1", "Job", {}, {})
}

test_job_with if {
	count(finding) == 0 with input as testing.workload_input("batch/v1", "Job", {"activeDeadlineSeconds": 100}, {})
}

test_cron_job if {
	count(finding) == 1 with input as testing.cron_job_input({}, {})
}
