package labels

deny contains "no team" if not input.metadata.labels.team
