package part

import (
	"strings"
	"unicode/utf8"
)

type piece struct {
	Text          string
	Strong, Break bool
}

// pieces cuts a sentence of the catalogue at ** and at line ends.
func pieces(sentence string) []piece {
	var out []piece
	for i, chunk := range strings.Split(sentence, "**") {
		for j, line := range strings.Split(chunk, "\n") {
			if j > 0 {
				out = append(out, piece{Break: true})
			}
			if line != "" {
				out = append(out, piece{Text: line, Strong: i%2 == 1})
			}
		}
	}
	return out
}

func first(name string) string {
	_, size := utf8.DecodeRuneInString(name)
	return strings.ToUpper(name[:size])
}

func role(kind string) string {
	if kind == "bad" {
		return "alert"
	}
	return "status"
}

func bannerIcon(kind string) string {
	switch kind {
	case "good":
		return "done"
	case "wait":
		return "wait"
	case "bad":
		return "alert"
	}
	return "info"
}
