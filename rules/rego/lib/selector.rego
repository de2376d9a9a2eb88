# Label selectors (metav1.LabelSelector) against labels.
package seawall.lib.selector

# An empty selector matches everything; an absent one is the caller's business.
matches(selector, labels) if {
	every key, value in object.get(selector, "matchLabels", {}) {
		labels[key] == value
	}
	every expression in object.get(selector, "matchExpressions", []) {
		holds(expression, labels)
	}
}

# The selectors of Services and ReplicationControllers: pairs alone.
matches_pairs(pairs, labels) if {
	every key, value in pairs {
		labels[key] == value
	}
}

holds(e, labels) if {
	e.operator == "In"
	labels[e.key] in e.values
}

holds(e, labels) if {
	e.operator == "NotIn"
	not label_in(e, labels)
}

holds(e, labels) if {
	e.operator == "Exists"
	has_label(e, labels)
}

holds(e, labels) if {
	e.operator == "DoesNotExist"
	not has_label(e, labels)
}

label_in(e, labels) if labels[e.key] in e.values

has_label(e, labels) if {
	some key, _ in labels
	key == e.key
}
