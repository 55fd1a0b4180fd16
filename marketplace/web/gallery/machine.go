package gallery

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/audit"
	"commonfield/storage/fault"
)

// machine are the operator's pages of what runs behind the trade.
func machine() []Shown {
	return []Shown{
		{"engine", "good, compared", func(r tongue.Reader) templ.Component {
			v := engine(r)
			v.Compared = &page.Compared{Documents: 18420}
			return v.View()
		}},
		{"engine", "slow, something differs", func(r tongue.Reader) templ.Component {
			v := engine(r)
			v.State, v.Waiting, v.Late = "slow", 214, 190*time.Second
			v.Compared = &page.Compared{Documents: 18420, More: 3, Wrong: []audit.Values{{"say": "not_found", "key": "listing 019a7f3b-7f3b-7000-8000-0190a1b27f3b"}}}
			return v.View()
		}},
		{"engine", "down, the last building failed", func(r tongue.Reader) templ.Component {
			v := engine(r)
			v.Name, v.Version, v.State, v.Failed = "meili", "", "down", "search_down: dial tcp: connection refused"
			v.Compared = &page.Compared{Down: true}
			return v.View()
		}},
		{"engine", "being built, refused", func(r tongue.Reader) templ.Component {
			v := engine(r)
			v.Building = true
			v.Synonyms = v.Synonyms.Refused(r, fault.Invalid("synonyms", "synonym_long", fault.Args{"group": 2, "most": 40}), map[string]string{"synonyms": "核桃, 胡桃\n" + long(r) + ", x"})
			return v.View()
		}},
		{"engine", "an operator of one market", func(r tongue.Reader) templ.Component {
			v := engine(r)
			v.Platform = false
			v.Compared = &page.Compared{Later: true}
			return v.View()
		}},
		{"engine", "no synonyms", func(r tongue.Reader) templ.Component {
			v := engine(r)
			v.Platform, v.Groups = false, nil
			return v.View()
		}},
	}
}

func engine(r tongue.Reader) page.Engine {
	groups := [][]string{{"核桃", "胡桃", "walnut"}, {"红枣", "大枣", "枣子", "red date", "jujube"}, {"土豆", "马铃薯", "洋芋", "potato"}}
	way := "/desk/operator/search"
	return page.Engine{Frame: operator(r, way), Name: "pg", Version: "18.4", Documents: 20114, State: "good", Platform: true, CheckWay: way + "?check=yes", Groups: groups,
		Text: "核桃, 胡桃, walnut\n红枣, 大枣, 枣子, red date, jujube\n土豆, 马铃薯, 洋芋, potato", Edition: "a", Rebuild: part.Form{Action: way + "/rebuild", Key: "k"}, Synonyms: part.Form{Action: way, Key: "l"}}
}
