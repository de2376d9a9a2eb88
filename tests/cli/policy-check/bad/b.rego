package b

allow { true }
