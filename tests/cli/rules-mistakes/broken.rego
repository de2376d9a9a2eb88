package main

deny contains ]
