package producer

import (
	"unicode/utf8"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/written"
)

// How long the texts may be, in letters.
const (
	longestName    = 80
	longestStory   = 4000
	longestLicence = 200
)

// Text is what is told about a producer, and what Edit changes.
type Text struct {
	Name, NameEN       string
	RegionCode         string
	Village            string
	Story, StoryEN     string
	Licence, Exemption string // one of them, or both
}

func (p *Producer) tell(t Text) {
	p.Name, p.NameEN, p.RegionCode, p.Village = t.Name, t.NameEN, t.RegionCode, t.Village
	p.Story, p.StoryEN, p.Licence, p.Exemption = t.Story, t.StoryEN, t.Licence, t.Exemption
}

func (t Text) check() (Text, error) {
	var wrong []error
	for _, f := range []struct {
		field string
		text  *string
		most  int
	}{
		{"name", &t.Name, longestName}, {"name_en", &t.NameEN, longestName}, {"region", &t.RegionCode, longestName},
		{"village", &t.Village, longestName}, {"story", &t.Story, longestStory}, {"story_en", &t.StoryEN, longestStory},
		{"licence", &t.Licence, longestLicence}, {"exemption", &t.Exemption, longestLicence},
	} {
		*f.text = written.Plain(*f.text)
		if utf8.RuneCountInString(*f.text) > f.most {
			wrong = append(wrong, fault.Invalid(f.field, "too_long", fault.Args{"most": f.most}))
		}
	}
	if t.Name == "" {
		wrong = append(wrong, fault.Invalid("name", "required"))
	}
	if t.RegionCode == "" {
		wrong = append(wrong, fault.Invalid("region", "required"))
	}
	if t.Licence == "" && t.Exemption == "" {
		wrong = append(wrong, fault.Invalid("licence", "required"))
	}
	return t, fault.All(wrong...)
}

// placed refuses a region that is unknown or too wide for goods to come from.
func placed(tx *storage.Tx, code string) error {
	place, err := region.Find(tx, code)
	if err != nil {
		return err
	}
	if place.Level != region.County && place.Level != region.Township {
		return fault.Invalid("region", "region_level")
	}
	return nil
}
