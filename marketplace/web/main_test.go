package web_test

import (
	"testing"

	"commonfield/storage/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
