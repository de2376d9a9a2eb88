package good_test

test_allow if not data.good.allow
