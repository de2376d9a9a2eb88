// render renders a Helm chart as far as the chart of seawall needs it, and compares objects: Helm itself is
// not in Debian, its template functions are.
//
//	render chart FOLDER [--namespace NAME] [--values FILE] [--there FILE]    a JSON array of objects
//	render values FOLDER [--values FILE]                                     the values, as JSON
//	render objects FILE                                                      documents of YAML, as a JSON array
//	render same FIRST SECOND                                                 exit 1 if they differ
//	render trust FILE                                                        exit 1 if API servers will not
//
// --there FILE holds objects that `lookup` finds. What may differ between the two: labels that say who made
// an object, certificates and keys, and the form of the server's configuration as text. trust takes the
// Secret and the webhook configurations out of a JSON array or List, and looks at the certificate as an API
// server does, which is written in Go too.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type object = map[string]interface{}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(2)
	}
}

func readYAML(path string) object {
	text, err := os.ReadFile(path)
	check(err)
	tree := object{}
	check(yaml.Unmarshal(text, &tree))
	return tree
}

// Mappings are merged, everything else is replaced, null takes away.
func merged(base, over object) object {
	result := object{}
	for key, value := range base {
		result[key] = value
	}
	for key, value := range over {
		below, isMap := value.(object)
		before, wasMap := result[key].(object)
		switch {
		case value == nil:
			delete(result, key)
		case isMap && wasMap:
			result[key] = merged(before, below)
		default:
			result[key] = value
		}
	}
	return result
}

type chart struct {
	templates *template.Template
	there     []object
}

func (c *chart) include(name string, data interface{}) (string, error) {
	var out strings.Builder
	err := c.templates.ExecuteTemplate(&out, name, data)
	return out.String(), err
}

func (c *chart) lookup(version, kind, namespace, name string) object {
	for _, o := range c.there {
		metadata, _ := o["metadata"].(object)
		if o["apiVersion"] == version && o["kind"] == kind && metadata["name"] == name &&
			metadata["namespace"] == namespace {
			return o
		}
	}
	return object{}
}

func toYAML(v interface{}) string {
	text, err := yaml.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}

func required(message string, v interface{}) (interface{}, error) {
	if v == nil || v == "" {
		return v, errors.New(message)
	}
	return v, nil
}

func (c *chart) functions() template.FuncMap {
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["include"] = c.include
	functions["lookup"] = c.lookup
	functions["toYaml"] = toYAML
	functions["required"] = required
	functions["fail"] = func(message string) (string, error) { return "", errors.New(message) }
	return functions
}

func (c *chart) read(folder string) []string {
	c.templates = template.New("chart").Option("missingkey=zero").Funcs(c.functions())
	names := []string{}
	paths, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	check(err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		check(err)
		_, err = c.templates.New(path).Parse(string(text))
		check(err)
		if !strings.HasPrefix(filepath.Base(path), "_") {
			names = append(names, path)
		}
	}
	return names
}

var separator = regexp.MustCompile(`(?m)^---\s*$`)

func objectsOf(text string) []object {
	found := []object{}
	for _, part := range separator.Split(text, -1) {
		tree := object{}
		check(yaml.Unmarshal([]byte(part), &tree))
		if len(tree) > 0 {
			found = append(found, tree)
		}
	}
	return found
}

func render(folder string, flags map[string]string) []object {
	description := readYAML(filepath.Join(folder, "Chart.yaml"))
	data := object{
		"Values":  values(folder, flags),
		"Chart":   object{"Name": description["name"], "Version": description["version"]},
		"Release": object{"Name": "seawall", "Namespace": flags["--namespace"], "Service": "Helm"},
	}
	c := &chart{}
	if path := flags["--there"]; path != "" {
		text, err := os.ReadFile(path)
		check(err)
		c.there = objectsOf(string(text))
	}
	found := []object{}
	for _, name := range c.read(folder) {
		text, err := c.include(name, data)
		check(err)
		if strings.HasSuffix(name, ".yaml") {
			found = append(found, objectsOf(text)...)
		}
	}
	return found
}

func values(folder string, flags map[string]string) object {
	base := readYAML(filepath.Join(folder, "values.yaml"))
	if path := flags["--values"]; path != "" {
		return merged(base, readYAML(path))
	}
	return base
}

// ---- comparing

func normalize(v interface{}) interface{} {
	switch node := v.(type) {
	case []interface{}:
		for i := range node {
			node[i] = normalize(node[i])
		}
	case object:
		delete(node, "helm.sh/chart")
		delete(node, "seawall.dev/certificate-not-after")
		for key := range node {
			switch key {
			case "app.kubernetes.io/managed-by", "caBundle", "ca.crt", "tls.crt", "tls.key":
				node[key] = "not compared"
			case "serve.yaml":
				tree := object{}
				check(yaml.Unmarshal([]byte(node[key].(string)), &tree))
				node[key] = tree
			default:
				node[key] = normalize(node[key])
				if below, ok := node[key].(object); ok && key == "annotations" && len(below) == 0 {
					delete(node, key)
				}
			}
		}
	}
	return v
}

func load(path string) map[string]interface{} {
	text, err := os.ReadFile(path)
	check(err)
	var tree interface{}
	check(json.Unmarshal(text, &tree))
	if list, ok := tree.(object); ok {
		tree = list["items"]
	}
	found := map[string]interface{}{}
	for _, o := range tree.([]interface{}) {
		metadata := o.(object)["metadata"].(object)
		id := fmt.Sprintf("%v %v %v/%v", o.(object)["apiVersion"], o.(object)["kind"], metadata["namespace"], metadata["name"])
		if found[id] != nil {
			check(fmt.Errorf("%s: %s is there twice", path, id))
		}
		found[id] = normalize(o)
	}
	return found
}

func show(v interface{}) string {
	text, _ := json.Marshal(v)
	return string(text)
}

func differences(path string, first, second interface{}, out *[]string) {
	a, aMap := first.(object)
	b, bMap := second.(object)
	if !aMap || !bMap {
		if !reflect.DeepEqual(first, second) {
			*out = append(*out, fmt.Sprintf("%s: %s against %s", path, show(first), show(second)))
		}
		return
	}
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	for key := range keys {
		differences(path+"/"+key, a[key], b[key], out)
	}
}

func same(first, second string) int {
	found := []string{}
	a, b := load(first), load(second)
	differences("", object(a), object(b), &found)
	sort.Strings(found)
	for _, line := range found {
		fmt.Println(line)
	}
	if len(a) < 10 {
		fmt.Println("fewer than ten objects: nothing has been compared")
		return 1
	}
	if len(found) > 0 {
		return 1
	}
	return 0
}

// ---- trust

func decoded(v interface{}) []byte {
	text, err := base64.StdEncoding.DecodeString(v.(string))
	check(err)
	return text
}

// bundles appends what stands under caBundle, wherever that is.
func bundles(v interface{}, out *[][]byte) {
	switch node := v.(type) {
	case []interface{}:
		for _, one := range node {
			bundles(one, out)
		}
	case object:
		for key, one := range node {
			if key == "caBundle" {
				*out = append(*out, decoded(one))
			} else {
				bundles(one, out)
			}
		}
	}
}

func trust(path string) int {
	text, err := os.ReadFile(path)
	check(err)
	var tree interface{}
	check(json.Unmarshal(text, &tree))
	if list, ok := tree.(object); ok {
		tree = list["items"]
	}
	found := [][]byte{}
	bundles(tree, &found)
	shown := 0
	for _, o := range tree.([]interface{}) {
		if o.(object)["kind"] != "Secret" {
			continue
		}
		shown++
		data := o.(object)["data"].(object)
		pair, err := tls.X509KeyPair(decoded(data["tls.crt"]), decoded(data["tls.key"]))
		check(err)
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		check(err)
		namespace := o.(object)["metadata"].(object)["namespace"].(string)
		for _, bundle := range found {
			roots := x509.NewCertPool()
			if !roots.AppendCertsFromPEM(bundle) {
				check(errors.New("a caBundle holds no certificate that Go can read"))
			}
			_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "seawall." + namespace + ".svc"})
			check(err)
		}
	}
	if shown != 1 || len(found) != 3 {
		fmt.Printf("%d Secrets and %d bundles\n", shown, len(found))
		return 1
	}
	return 0
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "trust" {
		os.Exit(trust(os.Args[2]))
	}
	if len(os.Args) == 4 && os.Args[1] == "same" {
		os.Exit(same(os.Args[2], os.Args[3]))
	}
	if len(os.Args) < 3 || len(os.Args)%2 == 0 {
		check(errors.New("chart, values, objects or same, then a file and flags"))
	}
	flags := map[string]string{"--namespace": "seawall"}
	for i := 3; i < len(os.Args); i += 2 {
		flags[os.Args[i]] = os.Args[i+1]
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	switch os.Args[1] {
	case "values":
		check(encoder.Encode(values(os.Args[2], flags)))
	case "objects":
		text, err := os.ReadFile(os.Args[2])
		check(err)
		check(encoder.Encode(objectsOf(string(text))))
	default:
		check(encoder.Encode(render(os.Args[2], flags)))
	}
	os.Stdout.Write(out.Bytes())
}
