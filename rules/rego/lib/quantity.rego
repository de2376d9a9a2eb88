# Kubernetes quantities as numbers.
package seawall.lib.quantity

# Cores, bytes, counts: 500m, 1Gi, 2, "2". Undefined if it is none.
number(v) := v if is_number(v)

number(v) := units.parse(v) if {
	is_string(v)
	not endswith(v, "i")
}

number(v) := units.parse_bytes(v) if {
	is_string(v)
	endswith(v, "i")
}
