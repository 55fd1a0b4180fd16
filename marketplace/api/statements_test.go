package api_test

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestAShelfIsArrangedAndReadByTheAPI(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	agent, _, _ := w.person("马春兰")
	nobody, _, _ := w.person("王芳")
	var selling object
	w.ask("POST", "/agents", agent, object{"market": "YL"}).must(201, &selling)
	first, second := w.goods(operator, 2600), w.goods(operator, 3000)
	put := func(ids ...string) object {
		goods := []object{}
		for _, i := range ids {
			goods = append(goods, object{"market": "YL", "listing": i})
		}
		return object{"goods": goods}
	}
	w.ask("PUT", "/me/shelf", agent, put(first)).refused(403, "agent_not_active")
	w.ask("POST", "/agents/YL/"+selling.text("id")+"/approve", operator, nil).must(200)
	w.ask("PUT", "/me/shelf", nobody, put(first)).refused(403, "forbidden")
	w.ask("GET", "/me/clicks", nobody, nil).refused(403, "forbidden")
	w.ask("PUT", "/me/shelf", agent, put(second, first, second)).must(200)
	w.ask("PUT", "/me/shelf", agent, object{"greeting": "好货"}).must(200)
	w.ask("PUT", "/me/shelf", agent, put("01900000-0000-7000-8000-000000000000")).refused(404, "listing_unknown")
	var shelf struct {
		Name, Greeting string
		Goods          []object
	}
	w.ask("GET", "/shelves/"+selling.text("code"), "", nil).must(200, &shelf)
	if len(shelf.Goods) != 2 || shelf.Goods[0].text("id") != second || shelf.Greeting != "好货" || shelf.Name != "马春兰" {
		t.Errorf("the shelf is %+v", shelf)
	}
	w.ask("GET", "/shelves/NOSUCH", "", nil).refused(404, "agent_unknown")
	w.ask("GET", "/me/clicks?since=yesterday", agent, nil).refused(422, "not_a_day")
	var clicks struct{ Items []object }
	w.ask("GET", "/me/clicks", agent, nil).must(200, &clicks)
}

func TestAStatementIsReadByItsPayeeAndOperatorsOnly(t *testing.T) {
	w := open(t)
	operator, _ := w.operator("Operator", w.market.ID)
	agent, _, _ := w.person("马春兰")
	other, _, _ := w.person("王芳")
	w.ask("POST", "/agents", agent, object{"market": "YL"}).must(201)
	var mine struct{ Items []object }
	w.ask("GET", "/me/payees", agent, nil).must(200, &mine)
	here := "/me/payees/YL/" + mine.Items[0].text("id") + "/statements"
	month := w.clock.Now().Format("2006-01")
	for _, path := range []string{here, here + "/" + month, here + "/" + month + "/workbook"} {
		w.ask("GET", path, other, nil).refused(404, "payee_unknown")
		w.ask("GET", path, operator, nil).must(200)
	}
	var told object
	w.ask("GET", here+"/"+month, agent, nil).must(200, &told)
	if told.number("closing_minor") != 0 || told.text("month") != month || told.text("currency") != "CNY" {
		t.Errorf("an empty month is %v", told)
	}
	for _, bad := range []string{"2026-13", "2199-01", "x"} {
		w.ask("GET", here+"/"+bad, agent, nil).refused(404, "not_found")
	}
	w.ask("GET", here+"/"+month+"?after=x", agent, nil).refused(422, "cursor_bad")
	book := w.ask("GET", here+"/"+month+"/workbook", agent, nil)
	f, err := excelize.OpenReader(bytes.NewReader(book.body))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.GetSheetList()) != 3 {
		t.Errorf("the workbook has %v", f.GetSheetList())
	}
}
