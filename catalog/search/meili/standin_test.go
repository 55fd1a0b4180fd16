package meili_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/catalog/search/meili"
)

// standIn answers as the server does, as far as its faults are concerned: it
// keeps indexes and versions, takes tasks, and holds every body against what
// the deed must send. What a real server finds is proven on a real server.
type standIn struct {
	*httptest.Server
	t testing.TB

	mu      sync.Mutex
	version string
	key     string
	indexes map[string]time.Time        // name → made at
	docs    map[string]map[string]int64 // index → id → version
	tasks   []string                    // how each ended
	asked   []asked
	trouble func(a asked) (status int, code string) // before anything else; 0: none
	after   func(a asked)                           // when it was answered
	ending  string                                  // of tasks; "succeeded"
	made    int
}

// asked is one request.
type asked struct {
	what string // "POST /multi-search"
	body string
}

func stand(t testing.TB) *standIn {
	s := &standIn{t: t, version: "1.50.0", key: "right", ending: "succeeded", indexes: map[string]time.Time{}, docs: map[string]map[string]int64{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) options(log io.Writer) meili.Options {
	return meili.Options{URL: s.URL, Key: "right", Prefix: "x", Log: slog.New(slog.NewTextHandler(log, nil)), Client: s.Client()}
}

// count says how often something was asked.
func (s *standIn) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, a := range s.asked {
		if a.what == what {
			n++
		}
	}
	return n
}

// change changes the stand-in while nobody asks.
func (s *standIn) change(f func()) { s.mu.Lock(); defer s.mu.Unlock(); f() }

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	a := asked{r.Method + " " + r.URL.Path, string(body)}
	s.mu.Lock()
	s.asked = append(s.asked, a)
	trouble := s.trouble
	s.mu.Unlock()
	if err != nil || r.Method != http.MethodGet && r.Method != http.MethodDelete && !json.Valid(body) {
		s.t.Errorf("%s came with the body %q: %v", a.what, body, err)
	}
	if r.Header.Get("Authorization") != "Bearer "+s.key {
		refuse(w, http.StatusForbidden, "invalid_api_key")
		return
	}
	if trouble != nil {
		if status, code := trouble(a); status != 0 {
			refuse(w, status, code)
			return
		}
	}
	s.mu.Lock()
	s.answer(w, r, body)
	after := s.after
	s.mu.Unlock()
	if after != nil {
		after(a)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": "no: " + code, "code": code, "type": "made up", "link": ""})
}

func (s *standIn) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	say := func(v any) { w.Header().Set("Content-Type", "application/json"); _ = json.NewEncoder(w).Encode(v) }
	part := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	task := func(ending string, do func()) {
		if ending == "succeeded" {
			do()
		}
		s.tasks = append(s.tasks, ending)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(map[string]any{"taskUid": len(s.tasks) - 1, "status": "enqueued", "type": "any", "enqueuedAt": "2026-11-01T00:00:00Z"})
	}
	uid := ""
	if len(part) > 1 {
		uid = part[1]
	}
	_, there := s.indexes[uid]
	switch {
	case part[0] == "version":
		say(map[string]string{"pkgVersion": s.version, "commitSha": "", "commitDate": ""})
	case part[0] == "tasks":
		var n int
		_, _ = fmt.Sscan(uid, &n)
		say(map[string]any{"uid": n, "status": s.tasks[n], "indexUid": "x", "type": "documentAdditionOrUpdate", "enqueuedAt": "2026-11-01T00:00:00Z",
			"error": map[string]string{"code": "internal", "message": "the disk is full"}})
	case part[0] == "multi-search":
		var q struct {
			Queries []struct {
				IndexUID string `json:"indexUid"`
			} `json:"queries"`
		}
		_ = json.Unmarshal(body, &q)
		for _, one := range q.Queries {
			if _, there := s.indexes[one.IndexUID]; !there {
				refuse(w, http.StatusBadRequest, "index_not_found")
				return
			}
		}
		say(map[string]any{"hits": []any{}, "estimatedTotalHits": 0, "limit": 20, "offset": 0})
	case part[0] == "swap-indexes":
		task(s.ending, func() {})
	case r.Method == http.MethodPost && len(part) == 1:
		var i map[string]string
		_ = json.Unmarshal(body, &i)
		task(s.ending, func() { s.make(i["uid"]) })
	case r.Method == http.MethodGet && len(part) == 1:
		var all []map[string]any
		for n, at := range s.indexes {
			all = append(all, map[string]any{"uid": n, "createdAt": at, "updatedAt": at})
		}
		say(map[string]any{"results": all, "total": len(all), "limit": 1000, "offset": 0})
	case len(part) == 3 && part[2] == "documents" && r.Method == http.MethodPost:
		var docs []struct {
			ID      string
			Version int64
		}
		if err := json.Unmarshal(body, &docs); err != nil || len(docs) == 0 {
			s.t.Errorf("documents came as %q", body)
		}
		task(s.ending, func() {
			s.make(uid) // as the server does, wherever documents come to
			for _, d := range docs {
				s.docs[uid][d.ID] = d.Version
			}
		})
	case !there:
		refuse(w, http.StatusNotFound, "index_not_found")
	case len(part) == 2 && r.Method == http.MethodDelete:
		task(s.ending, func() { delete(s.indexes, uid); delete(s.docs, uid) })
	case len(part) == 2:
		say(map[string]any{"uid": uid, "createdAt": s.indexes[uid], "updatedAt": s.indexes[uid], "primaryKey": "id"})
	case part[2] == "stats":
		say(map[string]any{"numberOfDocuments": len(s.docs[uid]), "isIndexing": false})
	case part[2] == "documents" && part[3] == "fetch":
		var all []map[string]any
		for id, v := range s.docs[uid] {
			if bytes.Contains(body, []byte(id)) {
				all = append(all, map[string]any{"id": id, "version": v})
			}
		}
		say(map[string]any{"results": all, "total": len(all), "limit": 1000, "offset": 0})
	default:
		task(s.ending, func() {})
	}
}

func (s *standIn) make(uid string) {
	if _, there := s.indexes[uid]; !there {
		s.made++
		s.indexes[uid], s.docs[uid] = time.Date(2026, 11, 1, 0, 0, s.made, 0, time.UTC), map[string]int64{}
	}
}
