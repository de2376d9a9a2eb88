package seawall.rules.cron_job_deadline_test

import data.seawall.lib.testing
import data.seawall.rules.cron_job_deadline.finding

test_missing if {
	count(finding) == 1 with input as testing.cron_job_input({}, {})
}

test_given if {
	count(finding) == 0 with input as testing.cron_job_input({"startingDeadlineSeconds": 200}, {})
}
