package good

allow if input.user == "alice"
