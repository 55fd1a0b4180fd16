package static

import (
	"bytes"
	"strings"
	"testing"
)

func TestEveryFileIsFoundAtItsAddressAndNowhereElse(t *testing.T) {
	for _, name := range Names() {
		a, ok := Find(URL(name))
		if !ok || a.Name != name {
			t.Errorf("%s is not at %s", name, URL(name))
		}
		if _, ok := Find(Prefix + name); ok {
			t.Errorf("%s answers without its hash", name)
		}
		if a.Type == "" {
			t.Errorf("%s has no type", name)
		}
	}
}

func TestTheStylesWeighLessThanTwelveKilobytes(t *testing.T) {
	sum := 0
	for _, name := range []string{"tokens.css", "components.css"} {
		a, _ := Find(URL(name))
		sum += len(a.Gzip)
	}
	if sum > 12<<10 {
		t.Errorf("styles weigh %d bytes compressed", sum)
	}
}

func TestTheStylesOfDesksWeighLessThanTwoKilobytes(t *testing.T) {
	if a, _ := Find(URL("desk.css")); len(a.Gzip) == 0 || len(a.Gzip) > 2<<10 {
		t.Errorf("they weigh %d bytes compressed", len(a.Gzip))
	}
}

func TestNoFileAsksAnotherHostForAnything(t *testing.T) {
	for _, name := range Names() {
		a, _ := Find(URL(name))
		text := strings.ReplaceAll(string(a.Body), "http://www.w3.org/", "")
		if strings.Contains(text, "http://") || strings.Contains(text, "https://") || bytes.Contains(a.Body, []byte("<script")) {
			t.Errorf("%s looks outside", name)
		}
	}
}
