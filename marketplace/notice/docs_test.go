package notice_test

import (
	"os"
	"strings"
	"testing"

	"commonfield/marketplace/notice"
)

func TestTheTableOfTheDocumentsIsTheProgramsOwn(t *testing.T) {
	text, err := os.ReadFile("../../docs/notices.md")
	must(t, err)
	rows := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 7 {
			continue
		}
		for i, name := range strings.Split(cells[1], "`") {
			if i%2 == 1 {
				rows[name] = cells
			}
		}
	}
	for _, k := range notice.Kinds() {
		cells, there := rows[string(k)]
		if !there {
			t.Errorf("%s is not in docs/notices.md", k)
			continue
		}
		if topic, off := strings.TrimSpace(cells[4]), strings.TrimSpace(cells[5]); topic != string(k.Topic()) || (off == "no") != k.Needed() {
			t.Errorf("docs/notices.md says of %s: %s, can be switched off: %s", k, topic, off)
		}
		delete(rows, string(k))
	}
	delete(rows, "kind")
	for name := range rows {
		t.Errorf("docs/notices.md has %s, which is none", name)
	}
}
