package api_test

import "testing"

// What a market sold is told by month, by category, by producer and by agent, in
// JSON and in two files, and each of them comes to what the ledger has.
func TestWhatAMarketSoldComesToTheSumsOfTheLedger(t *testing.T) {
	x := openBusiness(t)
	w := x.world
	refunded := x.sold(5000)
	x.sold(2000)
	w.ask("POST", "/orders/YL/"+refunded+"/refunds", x.boss, object{"reason": "damaged", "lines": []object{{"line": 1, "amount_minor": 1000}}}).must(201)
	w.drain()
	x.days(8) // the agent's share is theirs
	const sold, producers, agents, rest = 17200, 15824, 1032, 344
	is := func(what string, s object, sums ...int64) {
		t.Helper()
		for i, name := range []string{"sold_minor", "producers_minor", "agents_minor", "rest_minor"} {
			if i < len(sums) && s.number(name) != sums[i] {
				t.Errorf("%s: %s is %d, not %d", what, name, s.number(name), sums[i])
			}
		}
		if (s["rest_minor"] != nil) != (len(sums) == 4) || s.text("currency") != "CNY" {
			t.Errorf("%s: %v", what, s)
		}
	}
	if owed, agent, fees := x.balance("owed:"+x.payee), x.balance("owed:"+x.hand), x.balance("income:fees"); owed != producers || agent != agents || fees != rest {
		t.Fatalf("in the ledger the grower has %d, the agent %d, fees %d", owed, agent, fees)
	}
	w.ask("GET", "/sales?market=YL", x.grower, nil).refused(403, "operator_only")
	w.ask("GET", "/sales?market=YL&before=soon", x.boss, nil).refused(422, "cursor_bad")
	months := w.items(x.boss, "/sales?market=YL")
	if len(months) != 1 || months[0].text("month") != "2026-11" || months[0]["closed"] != false || months[0].number("count") != 2 {
		t.Fatalf("months: %v", months)
	}
	is("the month", months[0], sold, producers, agents, rest)
	if none := w.items(x.boss, "/sales?market=YL&before=2026-11"); len(none) != 0 {
		t.Errorf("before: %v", none)
	}

	here := "/sales/YL/2026-11"
	by := map[string]object{}
	for _, name := range []string{"category", "producer", "agent"} {
		rows := w.items(x.boss, here+"/"+name)
		if len(rows) != 1 {
			t.Fatalf("by %s: %v", name, rows)
		}
		by[name] = rows[0]
	}
	is("walnuts", by["category"], sold, producers, agents, rest)
	is("the grower", by["producer"], sold, producers, 0) // of a payee their own share alone
	is("the agent", by["agent"], sold, 0, agents)
	if by["category"].text("category") != "walnut" || by["producer"].text("payee") != x.payee || by["producer"].text("name") != "吐尔逊·买买提" || by["agent"].text("payee") != x.hand || by["agent"].number("count") != 2 {
		t.Errorf("whose: %v", by)
	}
	w.ask("GET", here+"/region", x.boss, nil).refused(404, "not_found")
	w.ask("GET", here+"/producer?after=x", x.boss, nil).refused(422, "cursor_bad")
	w.ask("GET", "/sales/YL/2026-13/producer", x.boss, nil).refused(404, "not_found")

	w.ask("GET", here, x.grower, nil).refused(403, "operator_only")
	w.ask("GET", here+"?format=pdf", x.boss, nil).refused(422, "not_one_of")
	rows := csvRows(t, w.ask("GET", here, x.boss, nil))
	if len(rows) != 4 {
		t.Fatalf("the file: %q", rows)
	}
	shares := [][2]int64{{producers, agents}, {producers, 0}, {0, agents}}
	for i, r := range rows[1:] {
		if r[0] != "2026-11" || minor(t, r[4]) != sold || minor(t, r[5]) != shares[i][0] || minor(t, r[6]) != shares[i][1] || r[7] != "CNY" {
			t.Errorf("the file: %q", r)
		}
	}
	for sheet, name := range []string{"Walnuts", "吐尔逊·买买提", "马春兰"} {
		lines := sheetRows(t, w.ask("GET", here+"?format=xlsx", x.boss, nil), sheet)
		end := lines[len(lines)-1]
		if len(lines) != 3 || lines[1][0] != name || minor(t, end[2]) != sold || minor(t, end[3]) != shares[sheet][0] || minor(t, end[4]) != shares[sheet][1] {
			t.Errorf("the workbook: %q", lines)
		}
	}
	if lines := w.items(x.boss, "/trail?market=YL&deed=sales.file"); len(lines) != 4 {
		t.Errorf("%d files stand in the trail", len(lines))
	}
	w.clean()
}
