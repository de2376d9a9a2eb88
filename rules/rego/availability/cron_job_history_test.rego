package seawall.rules.cron_job_history_test

import data.seawall.lib.testing
import data.seawall.rules.cron_job_history.finding

test_none if {
	count(finding) == 1 with input as testing.cron_job_input({"failedJobsHistoryLimit": 0}, {})
}

test_some if {
	count(finding) == 0 with input as testing.cron_job_input({"failedJobsHistoryLimit": 2}, {})
}
