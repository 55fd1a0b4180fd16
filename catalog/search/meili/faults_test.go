package meili_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"commonfield/catalog/search"
	"commonfield/catalog/search/meili"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

const live = "x_documents_1"

var listing = search.Document{Key: search.Key{Kind: search.Listing, Market: 3, ID: id.New()}, Version: 4, Title: "薄皮核桃", TitleEN: "Walnuts", Category: "walnut", Region: "652823", ListedAt: time.Unix(0, 0)}

func opened(t *testing.T, s *standIn, log *bytes.Buffer) search.Engine {
	t.Helper()
	e, err := meili.Open(t.Context(), s.options(log))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func down(t *testing.T, err error, because string) {
	t.Helper()
	if !fault.Has(err, "search_down") || !strings.Contains(err.Error(), because) {
		t.Errorf("%v; it should be search_down because of %q", err, because)
	}
}

func walnuts(t *testing.T) search.Query {
	t.Helper()
	q, err := search.Query{Text: "核桃", Market: 3, Category: "walnut", PriceTo: 3000}.Clean()
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// A retry whose body is empty would search without filters, in every market.
func TestWhoIsBusyIsAskedAgainForTheSame(t *testing.T) {
	s := stand(t)
	e := opened(t, s, new(bytes.Buffer))
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusTooManyRequests} {
		n := 0
		var bodies []string
		s.change(func() {
			s.trouble = func(a asked) (int, string) {
				if a.what != "POST /multi-search" {
					return 0, ""
				}
				bodies = append(bodies, a.body)
				if n++; n < 3 {
					return status, "busy"
				}
				return 0, ""
			}
		})
		if _, err := e.Search(t.Context(), walnuts(t)); err != nil {
			t.Errorf("after two answers %d: %v", status, err)
		}
		for i, b := range bodies[:3] {
			if b != bodies[0] || !strings.Contains(b, "market = 3") || !strings.Contains(b, `price \u003c= 3000`) && !strings.Contains(b, "price <= 3000") {
				t.Errorf("try %d asks %s", i+1, b)
			}
		}
	}
}

func TestDocumentsAreSentWholeAgain(t *testing.T) {
	s := stand(t)
	e := opened(t, s, new(bytes.Buffer))
	n := 0
	s.change(func() {
		s.trouble = func(a asked) (int, string) {
			if a.what == "POST /indexes/"+live+"/documents" {
				if n++; n < 3 {
					return http.StatusServiceUnavailable, "busy"
				}
			}
			return 0, ""
		}
	})
	if err := e.Put(t.Context(), []search.Document{listing}); err != nil || n != 3 {
		t.Fatalf("%d tries: %v", n, err)
	}
	if len(s.docs[live]) != 1 {
		t.Fatalf("%v", s.docs)
	}
}

func TestWhoStaysBusyIsDown(t *testing.T) {
	s := stand(t)
	e := opened(t, s, new(bytes.Buffer))
	s.change(func() {
		s.trouble = func(asked) (int, string) { return http.StatusServiceUnavailable, "busy" }
	})
	_, err := e.Search(t.Context(), walnuts(t))
	down(t, err, "503")
	if n := s.count("POST /multi-search"); n != 4 {
		t.Errorf("asked %d times", n)
	}
	down(t, e.Put(t.Context(), []search.Document{listing}), "503")
	down(t, e.Remove(t.Context(), []search.Key{listing.Key}), "503")
	_, err = e.Suggest(t.Context(), "核", "zh", 5)
	down(t, err, "503")
	_, err = e.Health(t.Context())
	down(t, err, "503")
	_, err = e.Rebuild(t.Context())
	down(t, err, "503")
	down(t, e.Each(t.Context(), 3, func(search.Key, int64) error { return nil }), "503")
}

func TestATaskThatWasAcceptedAndFailedIsAnErrorAndIsLogged(t *testing.T) {
	s := stand(t)
	var log bytes.Buffer
	e := opened(t, s, &log)
	for _, ending := range []string{"failed", "canceled"} {
		s.change(func() { s.ending = ending })
		down(t, e.Put(t.Context(), []search.Document{listing}), "was accepted and "+ending)
		down(t, e.Remove(t.Context(), []search.Key{listing.Key}), "was accepted and "+ending)
	}
	if !strings.Contains(log.String(), "the disk is full") {
		t.Errorf("the log says %s", log.String())
	}
	s.change(func() { s.ending = "succeeded" })
	if err := e.Put(t.Context(), []search.Document{listing}); err != nil { // the job comes again
		t.Fatal(err)
	}
}

func TestATaskThatIsNotDoneInTimeIsAnError(t *testing.T) {
	s := stand(t)
	o := s.options(new(bytes.Buffer))
	o.Finish = 50 * time.Millisecond
	e, err := meili.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s.change(func() { s.ending = "processing" })
	down(t, e.Put(t.Context(), []search.Document{listing}), "not done in time")
}

func TestASlowAnswerIsWaitedForOnlySoLong(t *testing.T) {
	s := stand(t)
	o := s.options(new(bytes.Buffer))
	o.Patience = 200 * time.Millisecond
	e, err := meili.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	s.change(func() {
		s.trouble = func(a asked) (int, string) {
			if a.what == "POST /multi-search" {
				<-release
			}
			return 0, ""
		}
	})
	began := time.Now()
	_, err = e.Search(t.Context(), walnuts(t))
	down(t, err, "deadline exceeded")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestAServerThatLostItsIndexIsHeardOf(t *testing.T) {
	s := stand(t)
	var log bytes.Buffer
	e := opened(t, s, &log)
	if err := e.Put(t.Context(), []search.Document{listing}); err != nil {
		t.Fatal(err)
	}
	s.change(func() { clear(s.indexes); clear(s.docs) }) // started again on an empty folder
	log.Reset()
	_, err := e.Search(t.Context(), walnuts(t))
	down(t, err, "run: commonfield reindex")
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "run: commonfield reindex") {
		t.Errorf("the log says %s", log.String())
	}
	_, err = e.Health(t.Context())
	down(t, err, "run: commonfield reindex")
	before := s.count("POST /indexes/" + live + "/documents")
	down(t, e.Put(t.Context(), []search.Document{listing}), "run: commonfield reindex")
	if after := s.count("POST /indexes/" + live + "/documents"); after != before {
		t.Error("documents were put into an index that is not there: the server would make one without settings")
	}
	log.Reset()
	again := opened(t, s, &log)
	if h, err := again.Health(t.Context()); err != nil || h.Documents != 0 || !strings.Contains(log.String(), "run: commonfield reindex") {
		t.Errorf("opened again: %+v %v, the log says %s", h, err, log.String())
	}
}

func TestAWrongKeyIsNotTriedAgain(t *testing.T) {
	s := stand(t)
	o := s.options(new(bytes.Buffer))
	o.Key = "wrong"
	_, err := meili.Open(t.Context(), o)
	down(t, err, "invalid_api_key")
	if n := s.count("GET /version"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if strings.Contains(err.Error(), "wrong") {
		t.Errorf("the key is told: %v", err)
	}
}

func TestOnlyAVersionThatWasTriedIsUsed(t *testing.T) {
	for version, good := range map[string]bool{"1.50.0": true, "1.50.3": true, "1.51.0-rc.0": true, "1.49.9": false, "0.30.0": false, "2.0.0": false, "": false, "latest": false} {
		s := stand(t)
		s.version = version
		_, err := meili.Open(t.Context(), s.options(new(bytes.Buffer)))
		if good && err != nil {
			t.Errorf("%s: %v", version, err)
		}
		if !good {
			down(t, err, "is not one that was tried")
		}
	}
}

func TestAServerThatIsAwayIsDown(t *testing.T) {
	s := stand(t)
	e := opened(t, s, new(bytes.Buffer))
	s.Close()
	_, err := e.Search(t.Context(), walnuts(t))
	down(t, err, "connection refused")
	_, err = meili.Open(t.Context(), s.options(new(bytes.Buffer)))
	down(t, err, "connection refused")
}

// Something between us and the server may answer in its place.
func TestAnAnswerThatIsNoneIsDown(t *testing.T) {
	for _, text := range []string{"<html>Welcome</html>", "", "[", `{"hits":[{"id":"nonsense"}]}`, `{"hits":5}`} {
		s := stand(t)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/multi-search" {
				s.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(text))
		}))
		o := s.options(new(bytes.Buffer))
		o.URL = proxy.URL
		e, err := meili.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Search(t.Context(), walnuts(t))
		down(t, err, "")
		proxy.Close()
	}
}

// Two instances share the server: one swaps while the other writes.
func TestWhatIsPutWhileAnotherInstanceSwapsIsPutAgain(t *testing.T) {
	s := stand(t)
	e := opened(t, s, new(bytes.Buffer))
	swapped := false
	s.change(func() {
		s.after = func(a asked) {
			if a.what != "POST /indexes/"+live+"/documents" || swapped {
				return
			}
			swapped = true
			s.change(func() { // another index has the name now, without the document
				s.indexes[live] = s.indexes[live].Add(time.Hour)
				s.docs[live] = map[string]int64{}
			})
		}
	})
	if err := e.Put(t.Context(), []search.Document{listing}); err != nil {
		t.Fatal(err)
	}
	if len(s.docs[live]) != 1 || s.count("POST /indexes/"+live+"/documents") != 2 {
		t.Errorf("%d times put, there are %v", s.count("POST /indexes/"+live+"/documents"), s.docs[live])
	}
}

func TestAnIndexInTheMakingGetsWhatIsPutAndAMarkOfWhatIsRemoved(t *testing.T) {
	s := stand(t)
	e := opened(t, s, new(bytes.Buffer))
	if err := e.Put(t.Context(), []search.Document{listing}); err != nil {
		t.Fatal(err)
	}
	b, err := e.Rebuild(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Remove(t.Context(), []search.Key{listing.Key}); err != nil {
		t.Fatal(err)
	}
	var sent []struct {
		Gone    bool
		Version int64
	}
	for _, a := range s.asked {
		if strings.HasPrefix(a.what, "POST /indexes/"+live+"_next_") && strings.HasSuffix(a.what, "/documents") {
			if err := json.Unmarshal([]byte(a.body), &sent); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(sent) != 1 || !sent[0].Gone || sent[0].Version != listing.Version {
		t.Errorf("the new index was told %+v", sent)
	}
	if err := b.Put(t.Context(), []search.Document{listing}); err != nil { // the row was read before it was removed
		t.Fatal(err)
	}
	for name, docs := range s.docs {
		if strings.Contains(name, "_next_") && docs["listing-3-"+listing.ID.String()] != listing.Version {
			t.Errorf("%s holds %v", name, docs)
		}
	}
}

func TestABuildWhoseTaskFailedIsNotSwappedIn(t *testing.T) {
	s := stand(t)
	e := opened(t, s, new(bytes.Buffer))
	b, err := e.Rebuild(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.change(func() { s.ending = "failed" })
	if err := b.Put(t.Context(), []search.Document{listing}); err != nil && !fault.Has(err, "search_down") { // told now or by the next step
		t.Fatal(err)
	}
	s.change(func() { s.ending = "succeeded" })
	down(t, b.Swap(t.Context()), "was accepted and failed")
	if s.count("POST /swap-indexes") != 0 {
		t.Error("it was swapped in")
	}
	if err := b.Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
}
