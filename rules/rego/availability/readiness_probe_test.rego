package seawall.rules.readiness_probe_test

import data.seawall.lib.testing
import data.seawall.rules.readiness_probe.finding

test_missing if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_null if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "readinessProbe": null})
}

test_given if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "readinessProbe": {"httpGet": {"port": 80}}})
}

test_jobs_need_none if {
	count(finding) == 0 with input as testing.cron_job_input({}, {"containers": [{"name": "a"}]})
}
