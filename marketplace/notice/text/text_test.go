package text_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/notice/text"
)

const number = "+8613912345678"

// gateway is a real HTTP server; it keeps what it was asked.
func gateway(t *testing.T, status int, answer string) (*httptest.Server, *[]*http.Request, *[]string) {
	t.Helper()
	var asked []*http.Request
	var bodies []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		asked, bodies = append(asked, r), append(bodies, string(b))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s, &asked, &bodies
}

func open(t *testing.T, s text.Settings) notice.Texter {
	t.Helper()
	g, err := text.Open(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAMessageIsSentAsTheTemplateSays(t *testing.T) {
	words := "【共田】\"核桃\" & 1+1=2\n{phone}"
	s, asked, bodies := gateway(t, 200, `{"code":0}`)
	g := open(t, text.Settings{URL: s.URL + "/send", Header: "Authorization: Bearer geheim", Body: `{"to":["{phone}"],"body":{"content":"{text}"},"id":"{id}"}`, OK: `"code":0`})
	if err := g.Text(t.Context(), notice.Text{ID: "n1", To: number, Words: words}); err != nil {
		t.Fatal(err)
	}
	var said struct {
		To   []string
		Body struct{ Content string }
		ID   string
	}
	if err := json.Unmarshal([]byte((*bodies)[0]), &said); err != nil || said.To[0] != number || said.Body.Content != words || said.ID != "n1" {
		t.Fatalf("%v %+v", err, said)
	}
	if r := (*asked)[0]; r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer geheim" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		t.Fatalf("%s %v", r.Method, r.Header)
	}
	g = open(t, text.Settings{URL: s.URL, Method: "PUT", Body: "mobile={phone}&content={text}"})
	if err := g.Text(t.Context(), notice.Text{To: number, Words: words}); err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery((*bodies)[1])
	if err != nil || form.Get("mobile") != number || form.Get("content") != words || (*asked)[1].Method != http.MethodPut {
		t.Fatalf("%v %v", err, form)
	}
}

func TestATemplateIsJSONHoweverItsBraceIsFollowed(t *testing.T) {
	for body, kind := range map[string]string{"{ \"to\": \"{phone}\",\n \"text\": \"{text}\" }": "application/json; charset=utf-8", "{phone}={text}": "application/x-www-form-urlencoded"} {
		s, asked, _ := gateway(t, 200, "")
		if err := open(t, text.Settings{URL: s.URL, Body: body}).Text(t.Context(), notice.Text{To: number, Words: "x"}); err != nil {
			t.Fatal(err)
		}
		if got := (*asked)[0].Header.Get("Content-Type"); got != kind {
			t.Errorf("%s is sent as %s", body, got)
		}
	}
}

func TestWhatAGatewayAnswersMeansAgainOrNever(t *testing.T) {
	for _, c := range []struct {
		status int
		answer string
		never  bool
		fine   bool
	}{{200, `{"code":0}`, false, true}, {200, `{"code":15,"msg":"bad number +8613912345678"}`, true, false}, {400, "", true, false}, {422, "", true, false},
		{401, "", false, false}, {403, "", false, false}, {429, "", false, false}, {500, "", false, false}, {302, "", false, false}} {
		s, _, _ := gateway(t, c.status, c.answer)
		err := open(t, text.Settings{URL: s.URL, OK: `"code":0`}).Text(t.Context(), notice.Text{To: number, Words: "x"})
		_, never := errors.AsType[*notice.Refused](err)
		if (err == nil) != c.fine || never != c.never {
			t.Errorf("%d %s: %v", c.status, c.answer, err)
		}
		if err != nil && strings.Contains(err.Error(), "139123") {
			t.Errorf("the number is in %q", err)
		}
	}
}

func TestAGatewayThatIsAwaySaysNeitherItsKeyNorTheNumber(t *testing.T) {
	s, _, _ := gateway(t, 200, "")
	g := open(t, text.Settings{URL: s.URL + "/send?key=geheim"})
	if err := g.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	err := g.Text(t.Context(), notice.Text{To: number, Words: "x"})
	if err == nil || strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "139") || strings.Contains(g.Name(), "geheim") {
		t.Fatalf("%v, %s", err, g.Name())
	}
	if g.Check(t.Context()) == nil {
		t.Fatal("it is said to answer")
	}
}

func TestSettingsThatAreNoneAreRefusedWithoutTheirSecret(t *testing.T) {
	for _, s := range []text.Settings{
		{URL: "sms.example/geheim"}, {URL: "ftp://sms.example/geheim"}, {URL: "https://sms.example", Header: "geheim"}, {URL: "https://sms.example", Header: "A: geheim\r\nB: c"},
		{URL: "https://sms.example", Method: "GET"}, {URL: "https://sms.example", Body: "to={phone}"}, {URL: "https://sms.example", Body: `{"to":{phone},"text":"{text}"}`},
	} {
		if _, err := text.Open(s, nil); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if g, err := text.Open(text.Settings{}, nil); g != nil || err != nil {
		t.Errorf("without an address: %v, %v", g, err)
	}
}

func TestTheLogHasNoNumber(t *testing.T) {
	var b strings.Builder
	g, err := text.Open(text.Settings{URL: text.LogWay}, slog.New(slog.NewTextHandler(&b, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Text(t.Context(), notice.Text{To: number, Words: "123456"}); err != nil || strings.Contains(b.String(), "139") || !strings.Contains(b.String(), "123456") {
		t.Fatalf("%v %s", err, b.String())
	}
}
