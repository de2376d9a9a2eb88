// Pairs on standard input, their order by golang.org/x/mod/semver on standard output; E where it refuses one.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		pair := strings.Split(in.Text(), "\t")
		valid := ""
		for i := range pair {
			if !strings.HasPrefix(pair[i], "v") {
				pair[i] = "v" + pair[i]
			}
			if semver.IsValid(pair[i]) {
				valid += "1"
			} else {
				valid += "0"
			}
		}
		if valid == "11" {
			fmt.Fprintln(out, semver.Compare(pair[0], pair[1]), valid)
		} else {
			fmt.Fprintln(out, "E", valid)
		}
	}
}
