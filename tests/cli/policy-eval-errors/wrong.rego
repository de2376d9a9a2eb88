package wrong

import data.unused

p if unsafe > 1

q := nothing("here")
