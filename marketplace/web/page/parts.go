package page

import "commonfield/marketplace/web/part"

// Parts is the operator's menu: all pages of the desk, in groups.
type Parts struct {
	Frame  part.Frame
	Groups []PartGroup
}

// PartGroup is some pages that belong together.
type PartGroup struct {
	Key  string
	Rows []PartRow
}

// PartRow is one page.
type PartRow struct{ Key, Href, Icon string }

// Station is the desk of a station's clerk: the producers of their region.
type Station struct {
	Frame  part.Frame
	Places []string
	Rows   []StationRow
	Next   string
}

// StationRow is one producer.
type StationRow struct {
	Href, Name, Place, State string
	Offline                  bool
	Waiting                  int64 // orders to accept, pack or ship
}

func (v Station) waiting() int {
	n := 0
	for _, r := range v.Rows {
		if r.Waiting > 0 {
			n++
		}
	}
	return n
}
