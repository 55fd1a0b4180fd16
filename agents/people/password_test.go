package people

import (
	"context"
	"errors"
	"testing"
)

func TestAtMostTwoPasswordsAreHashedAtATime(t *testing.T) {
	d := New(nil)
	d.Cost = LightCost
	for range 2 {
		if err := d.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// The third waits until it is given up.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.hash(ctx, "walnuts in Yuli"); !errors.Is(err, context.Canceled) {
		t.Fatalf("a third hash ran beside two: %v", err)
	}
	d.leave()
	hash, err := d.hash(t.Context(), "walnuts in Yuli")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := d.matches(t.Context(), "walnuts in Yuli", hash); !ok || err != nil {
		t.Errorf("its own password: %v %v", ok, err)
	}
	if ok, err := d.matches(t.Context(), "walnuts in Yuli ", hash); ok || err != nil {
		t.Errorf("another password: %v %v", ok, err)
	}
	if ok, err := d.matches(t.Context(), "anything", ""); ok || err != nil {
		t.Errorf("no hash at all: %v %v", ok, err)
	}
}
