package labels_test

test_nothing if true
