package page

import "commonfield/marketplace/web/part"

// ListingForm is a producer's form for new goods or a change. Its fields are
// title_zh, title_en, story_zh, story_en, category, unit, price, minimum, stock,
// band, photo (a file) and state ("live", "paused", "draft"); it is sent as
// multipart/form-data. Buttons of photos
// send remove or up with the photo's ID.
type ListingForm struct {
	Frame      part.Frame
	New        bool
	Title      string // of the listing as it is
	State      string
	Form       part.Form // Action part.NewListingWay or part.EditListingWay
	Categories []part.Option
	Units      []part.Option
	Unit       string // of the listing, for the names of the fields
	Currency   string
	Photos     []Photo
	LookHref   string // as a buyer sees it
	GoodsHref  string
}

// Photo is a picture that can be taken away.
type Photo struct {
	ID string
	part.Picture
}

func (v ListingForm) title() string {
	if v.New {
		return v.Frame.T("listing_form.new")
	}
	return v.Title
}

func (v ListingForm) states() []part.Option {
	r := v.Frame.Reader
	return []part.Option{
		{Value: "live", Label: r.T("goods.live"), Note: r.T("listing_form.live_note")},
		{Value: "paused", Label: r.T("goods.paused"), Note: r.T("listing_form.paused_note")},
		{Value: "draft", Label: r.T("goods.draft"), Note: r.T("listing_form.draft_note")},
	}
}

// state is the choice that stands at first.
func (v ListingForm) state() string {
	if v.State == "" {
		return "live"
	}
	return v.State
}

func (v ListingForm) save() string {
	if v.New {
		return v.Frame.T("listing_form.save_new")
	}
	return v.Frame.T("listing_form.save")
}
