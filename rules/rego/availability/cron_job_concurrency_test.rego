package seawall.rules.cron_job_concurrency_test

import data.seawall.lib.testing
import data.seawall.rules.cron_job_concurrency.finding

test_default if {
	count(finding) == 1 with input as testing.cron_job_input({}, {})
}

test_forbid if {
	count(finding) == 0 with input as testing.cron_job_input({"concurrencyPolicy": "Forbid"}, {})
}
