package api_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A page is 1 to 100 rows; another number is refused by its name, not bent.
func TestAPageOfNoRowsOrOfTooManyIsRefused(t *testing.T) {
	w := open(t)
	for _, limit := range []string{"0", "-1", "101", "x"} {
		answer, err := w.app.Test(httptest.NewRequest(http.MethodGet, "/api/v1/listings?limit="+limit, nil))
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("limit=%s answered %d", limit, answer.StatusCode)
		}
	}
}
