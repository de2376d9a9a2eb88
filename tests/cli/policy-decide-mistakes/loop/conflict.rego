package conflict

deny := "one" if input.kind

deny := "two" if input.metadata
