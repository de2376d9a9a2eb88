Pp[x] { x := 1 }
import data.foo.if
package a[x]
# METADATA
# scope: [
