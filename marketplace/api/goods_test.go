package api_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"testing"
)

func TestADraftIsSeenByItsProducerAloneAndAnOldVersionIsRefused(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	grower, _, _ := w.person("吐尔逊")
	other, _, _ := w.person("买买提")
	for _, token := range []string{grower, other} {
		var p object
		w.ask("POST", "/producers", token, object{"market": "YL", "name": "农户", "region": township, "exemption": "自产"}).must(201, &p)
		w.ask("POST", "/producers/YL/"+p.text("id")+"/approve", operator, nil).must(200)
	}
	var draft object
	w.ask("POST", "/listings", grower, object{"market": "1", "category": "walnut", "title": "核桃", "unit": "kg", "price_minor": 2600, "minimum": 500}).must(201, &draft)
	here := "/listings/YL/" + draft.text("id")
	w.ask("GET", here, "", nil).refused(404, "listing_unknown")
	w.ask("GET", here, other, nil).refused(404, "listing_unknown")
	w.ask("POST", here+"/publish", other, nil).refused(404, "listing_unknown")
	w.ask("GET", here, grower, nil).must(200, &draft)
	w.ask("PATCH", here, grower, object{"version": 1, "price_minor": 2800, "story": "树龄三十年"}).must(200, &draft)
	if draft.number("version") != 2 || draft.number("price_minor") != 2800 || draft.text("title") != "核桃" {
		t.Fatalf("changed: %v", draft)
	}
	w.ask("PATCH", here, grower, object{"version": 1, "price_minor": 1}).refused(409, "conflict")
	w.ask("POST", here+"/publish", grower, nil).must(200)
	w.ask("GET", here, "", nil).must(200)
	w.ask("POST", here+"/pause", other, nil).refused(403, "forbidden")
	w.ask("POST", here+"/batches", other, object{"quantity": 1}).refused(403, "forbidden")
	w.ask("POST", here+"/batches", grower, object{"amount": "3", "unit": "box"}).refused(422, "unit_other")
	w.ask("POST", here+"/batches", grower, object{"amount": "3", "quantity": 1}).refused(422, "amount_twice")
	var batch object
	w.ask("POST", here+"/batches", grower, object{"amount": "2", "unit": "dan", "harvest_on": "2026-09-20"}).must(201, &batch)
	if batch.number("on_hand") != 100_000 {
		t.Fatalf("received: %v", batch)
	}
	w.ask("POST", here+"/batches/"+batch.text("id")+"/corrections", grower, object{"difference": -100, "why": "mice"}).must(201, &batch)
	if batch.number("on_hand") != 99_900 {
		t.Fatalf("corrected: %v", batch)
	}
}

func TestTheShelfIsCutIntoPagesAndFiltered(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	for range 3 {
		w.goods(operator, 2600)
	}
	w.drain()
	seen := map[string]bool{}
	next := ""
	for range 3 {
		var page struct {
			Items []object
			Next  string
		}
		w.ask("GET", "/listings?limit=1&market=YL&category=walnut&q=%E6%A0%B8&after="+next, "", nil).must(200, &page)
		if len(page.Items) != 1 {
			t.Fatalf("a page of %d", len(page.Items))
		}
		seen[page.Items[0].text("id")] = true
		next = page.Next
	}
	if len(seen) != 3 || next != "" {
		t.Fatalf("saw %d, then %q", len(seen), next)
	}
	var none struct{ Items []object }
	w.ask("GET", "/listings?q=rice", "", nil).must(200, &none)
	if none.Items == nil || len(none.Items) != 0 {
		t.Fatalf("nothing found is %v", none.Items)
	}
}

func TestAPhotoIsTakenAsABodyOrAFormAndGivenBack(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	stranger, _, _ := w.person("Stranger")
	var picture, form bytes.Buffer
	w.ok(jpeg.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 40, 30)), nil))
	parts := multipart.NewWriter(&form)
	part, err := parts.CreateFormFile("photo", "a.jpg")
	w.ok(err)
	_, err = part.Write(picture.Bytes())
	w.ok(err)
	w.ok(parts.Close())
	var one, two object
	w.ask("POST", "/photos", operator, picture.Bytes(), "Content-Type", "image/jpeg").must(201, &one)
	w.ask("POST", "/photos", operator, form.Bytes(), "Content-Type", parts.FormDataContentType()).must(201, &two)
	if one.text("key") == "" || one.text("key") != two.text("key") {
		t.Fatalf("%v and %v", one, two)
	}
	s := w.ask("GET", one.text("url"), "", nil).must(200)
	if s.header.Get("Content-Type") != "image/jpeg" || http.DetectContentType(s.body) != "image/jpeg" {
		t.Fatalf("given back as %s", s.header.Get("Content-Type"))
	}
	w.ask("POST", "/photos", stranger, picture.Bytes(), "Content-Type", "image/jpeg").refused(403, "forbidden")
	w.ask("POST", "/photos", operator, []byte("no picture"), "Content-Type", "image/png").refused(422, "photo_unreadable")
	w.ask("POST", "/photos", operator, []byte("{}")).refused(415, "media_type")
}

func TestRolesJobsAndTokensAreTheOperatorsAndOnesOwn(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	helper, helperID, phone := w.person("Helper")
	w.ask("GET", "/agents?market=YL", helper, nil).refused(403, "operator_only")
	w.ask("POST", "/roles", operator, object{"market": "PLATFORM", "login": phone, "role": "operator"}).refused(403, "operator_only")
	w.ask("POST", "/roles", operator, object{"market": "YL", "login": phone, "role": "operator"}).must(201)
	w.ask("GET", "/agents?market=YL", helper, nil).must(200)
	var all struct{ Items []object }
	w.ask("GET", "/roles?market=YL", operator, nil).must(200, &all)
	if len(all.Items) != 2 {
		t.Fatalf("operators: %v", all.Items)
	}
	w.ask("GET", "/jobs?market=YL&state=failed", operator, nil).must(200)
	w.ask("DELETE", "/roles?market=YL&role=operator&person="+helperID, operator, nil).must(204)
	w.ask("GET", "/agents?market=YL", helper, nil).refused(403, "operator_only")

	var token object
	w.ask("POST", "/me/tokens", helper, object{"name": "scales", "scopes": "write"}).must(201, &token)
	w.ask("GET", "/me", token.text("token"), nil).must(200)
	w.ask("DELETE", "/me/tokens/"+token.text("id"), operator, nil).refused(404, "token_unknown")
	w.ask("DELETE", "/me/tokens/"+token.text("id"), helper, nil).must(204)
	w.ask("GET", "/me", token.text("token"), nil).refused(401, "token_refused")
	w.ask("PUT", "/me/password", helper, object{"old": "wrong", "password": "apricots-in-luntai"}).refused(422, "wrong_password")
	w.ask("PUT", "/me/password", helper, object{"old": password, "password": "apricots-in-luntai"}).must(204)
	w.ask("DELETE", "/sessions/current", helper, nil).must(204)
	w.ask("GET", "/me", helper, nil).refused(401, "sign_in_again")
}
