package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"commonfield/marketplace/web/gallery"
)

// Gallery shows the pages for review; it needs no database.
type Gallery struct {
	Addr string `default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where to listen (${default})."`
}

// Help shows an example.
func (*Gallery) Help() string {
	return "Shows every page in every state (empty, full, long names, refused), in both languages, with made-up values.\n\nExample:\n  commonfield gallery --addr 127.0.0.1:8081"
}

// Run serves until it is told to stop.
func (g *Gallery) Run(p *program) error {
	listener, err := listen(g.Addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: gallery.Handler(), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(p.ctx, func() { _ = server.Close() })
	defer stop()
	p.printf("open http://%s (Ctrl-C stops it)\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
