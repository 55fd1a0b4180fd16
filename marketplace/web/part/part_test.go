package part

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"commonfield/marketplace/tongue"
	"commonfield/storage/fault"
)

func TestTheSharesOfAHundredYuanAddUpToAHundred(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sum := rapid.Int64Range(0, 1<<40)
		p := Parts{sum.Draw(t, "producer"), sum.Draw(t, "agent"), sum.Draw(t, "transport"), sum.Draw(t, "platform"), sum.Draw(t, "tax")}
		if p.total() == 0 {
			return
		}
		var whole int64
		for _, n := range p.of100() {
			if n < 0 {
				t.Fatalf("%+v gives somebody %d of 100", p, n)
			}
			whole += n
		}
		if whole != 100 {
			t.Fatalf("%+v adds up to %d", p, whole)
		}
	})
}

func TestNothingIsSharedOfNothing(t *testing.T) {
	if segments := (Parts{}).segments(); len(segments) != 0 {
		t.Errorf("a bar of nothing has %d pieces", len(segments))
	}
}

func TestARefusedFormKeepsWhatWasTypedAndSaysItBesideItsField(t *testing.T) {
	r := tongue.For(tongue.English)
	err := fault.All(fault.Invalid("phone", "bad_phone"), fault.Invalid("street", "required"), fault.Conflict("conflict"))
	form := Form{Action: "/x", Key: "k"}.Refused(r, err, map[string]string{"phone": "12"})
	if form.Value("phone") != "12" || form.Action != "/x" || form.Key != "k" {
		t.Errorf("something was lost: %+v", form)
	}
	if form.Faults["phone"] != tongue.Fault(r, "bad_phone", nil) || form.Faults["street"] == "" || form.Whole == "" {
		t.Errorf("something was not said: %+v", form)
	}
}

func TestARefusedFormBeginsAtTheFieldThatWasRefusedFirst(t *testing.T) {
	r := tongue.For("en")
	form := Form{}.Refused(r, fault.All(fault.Invalid("phone", "required"), fault.Invalid("street", "required")), nil)
	for name, begins := range map[string]bool{"name": false, "phone": true, "street": false} {
		var b bytes.Buffer
		if err := Field(Frame{Reader: r}, form, Input{Name: name, Label: name}).Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), " autofocus") != begins {
			t.Errorf("%s: %s", name, b.String())
		}
	}
}

func TestAnErrorThatIsNoFaultBecomesThePoliteLine(t *testing.T) {
	r := tongue.For(tongue.Chinese)
	form := Form{}.Refused(r, errors.New("pq: password of the database"), nil)
	if form.Whole != tongue.Fault(r, "internal", nil) {
		t.Errorf("the form says %q", form.Whole)
	}
}

func TestAPostedFormCarriesItsTokenAndKey(t *testing.T) {
	var b bytes.Buffer
	f := Frame{Reader: tongue.For(tongue.English), CSRF: "the-token"}
	if err := Ask(f, "/do", "the-key", "", "", "Do it").Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`name="csrf" value="the-token"`, `name="key" value="the-key"`, `method="post"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is missing in %s", want, b.String())
		}
	}
}

func TestTheOtherLanguageKeepsTheQuery(t *testing.T) {
	f := Frame{Reader: tongue.For(tongue.Chinese), Path: "/listings/1/2?quantity=10&lang=zh"}
	if got := f.In("en"); got != "/listings/1/2?lang=en&quantity=10" {
		t.Errorf("the way to English is %s", got)
	}
}

func TestWhatAPersonWroteIsNeverMarkup(t *testing.T) {
	var b bytes.Buffer
	f := Frame{Reader: tongue.For(tongue.English)}
	form := Form{Values: map[string]string{"name": `"><script>alert(1)</script>`}}
	if err := Field(f, form, Input{Name: "name", Label: "Name"}).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	if err := Rich("**a** <b>b</b>").Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "<script") || strings.Contains(b.String(), "<b>b</b>") {
		t.Errorf("markup came through: %s", b.String())
	}
}
