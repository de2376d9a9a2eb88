package main

replicas := 1 if input.kind

replicas := 2 if input.kind

deny contains "two values" if replicas == 2

warn contains "this one works" if input.kind
