package region

import (
	"strings"
	"testing"
)

func TestPlacesHaveNamesThatPeopleKnowThemBy(t *testing.T) {
	ours, err := edition()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]Region{}
	for _, r := range ours.regions {
		all[r.Code] = r
	}
	path := func(code string) (line []Region) {
		for _, one := range lineage(code) {
			if r := all[one]; !r.standIn() {
				line = append(line, r)
			}
		}
		return line
	}
	for code, want := range map[string]string{
		"652823": "Yuli county, Xinjiang", "522633": "Congjiang county, Guizhou", "110108": "Haidian district, Beijing", "610113": "Yanta district, Xi’an, Shaanxi",
		"532528": "Yuanyang county, Yunnan", "622926": "Dongxiang county, Gansu", "652801": "Korla, Xinjiang", "150221": "Tumoteyou banner, Inner Mongolia",
	} {
		if got := english(path(code)); got != want {
			t.Errorf("%s %s is %q, want %q", code, say(path(code)), got, want)
		}
	}
	for code, r := range all {
		name := r.English()
		if name == "" || strings.ContainsFunc(name, func(c rune) bool { return c > 0x2E7F }) || strings.HasPrefix(name, " ") {
			t.Errorf("%s %s has the English name %q", code, r.Name, name)
		}
	}
}
