package seawall.rules.interactive_terminal_test

import data.seawall.lib.testing
import data.seawall.rules.interactive_terminal.finding

test_both if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "stdin": true, "tty": true})
}

test_one if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "stdin": true})
}
