package api_test

import (
	"context"
	"net/http"
	"testing"

	"commonfield/marketplace/notice"
	"commonfield/storage/id"
)

func TestNoticesAreListedReadAndChosenAboutByTheirPersonAlone(t *testing.T) {
	w := open(t)
	token, who, _ := w.person("陈秀英")
	other, _, _ := w.person("别人")
	p, _ := id.Parse(who)
	tell := func(key string) {
		_, err := w.m.Notices.Tell(context.Background(), notice.Notice{Person: p, Key: key, Kind: notice.OrderShipped, Market: w.market.ID, Way: "/orders/YL/1",
			Facts: notice.Facts{Number: "YL-1", Carrier: "中通", Parcel: "7584"}, At: w.clock.Now()})
		w.ok(err)
	}
	for _, key := range []string{"a", "b", "c"} {
		tell(key)
	}
	var page struct {
		Items []struct {
			ID, Kind, Topic, Market, Title, Text, Page string
			Read                                       bool
		}
		Next string
	}
	var count struct {
		Unread int
		More   bool
	}
	w.ask("GET", "/notices?limit=2", token, nil).must(http.StatusOK, &page)
	if len(page.Items) != 2 || page.Next == "" || page.Items[0].Title == "" || page.Items[0].Market != "YL" || page.Items[0].Topic != "orders" || page.Items[0].Page != "/orders/YL/1" {
		t.Fatalf("%+v", page)
	}
	newest := page.Items[0].ID
	w.ask("GET", "/notices?after="+page.Next, token, nil).must(http.StatusOK, &page)
	if len(page.Items) != 1 || page.Next != "" {
		t.Fatalf("the rest: %+v", page)
	}
	w.ask("POST", "/notices/"+newest+"/read", other, nil).refused(http.StatusNotFound, "not_found")
	w.ask("POST", "/notices/"+id.New().String()+"/read", token, nil).refused(http.StatusNotFound, "not_found")
	w.ask("POST", "/notices/"+newest+"/read", token, nil).must(http.StatusNoContent)
	w.ask("POST", "/notices/"+newest+"/read", token, nil).must(http.StatusNoContent)
	if w.ask("GET", "/notices/unread", token, nil).must(http.StatusOK, &count); count.Unread != 2 || count.More {
		t.Errorf("%+v", count)
	}
	tell("d") // came after the list was seen
	w.ask("POST", "/notices/read", token, map[string]any{"newest": newest}).must(http.StatusNoContent)
	if w.ask("GET", "/notices/unread", token, nil).must(http.StatusOK, &count); count.Unread != 1 {
		t.Errorf("what came later was read: %+v", count)
	}
	w.ask("POST", "/notices/read", token, map[string]any{}).must(http.StatusNoContent)
	if w.ask("GET", "/notices/unread", token, nil).must(http.StatusOK, &count); count.Unread != 0 {
		t.Errorf("%+v", count)
	}
	w.ask("GET", "/notices", "", nil).must(http.StatusUnauthorized)
	w.ask("GET", "/me/notices", "", nil).must(http.StatusUnauthorized)

	var wants struct {
		Topics []struct {
			Topic      string
			App, Email bool
		}
		Mailbox string
	}
	w.ask("PUT", "/me/notices", token, map[string]any{"topics": []map[string]any{{"topic": "orders", "app": true, "email": false}}}).must(http.StatusOK, &wants)
	if len(wants.Topics) != 4 || wants.Topics[0].Email || !wants.Topics[0].App || !wants.Topics[1].Email || wants.Mailbox != "none" {
		t.Errorf("%+v", wants)
	}
	w.ask("PUT", "/me/notices", token, map[string]any{"topics": []map[string]any{{"topic": "safety", "app": false, "email": false}}}).must(http.StatusUnprocessableEntity)
}
