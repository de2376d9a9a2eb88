Bpackage test
import future.keywords.and

p if inp|t.x > 0 and input.y > 0
