package api

import (
	"io"
	"mime"
	"net/http"
	"strconv"

	"commonfield/catalog/photo"
	"commonfield/storage/fault"
)

type photoTaken struct {
	Key string `json:"key" doc:"goes into a listing's photos"`
	URL string `json:"url" doc:"the photo, 640 wide"`
}

func (s *server) takePhoto(v *visit, _ *struct {
	RawBody []byte `contentType:"image/jpeg"`
}) (photoTaken, error) {
	if err := s.shows(v); err != nil {
		return photoTaken{}, err
	}
	data, err := v.picture()
	if err != nil {
		return photoTaken{}, err
	}
	key, err := s.Photos.Take(v.ctx, data)
	return photoTaken{key, base + "/photos/" + hashOf(key) + "/640"}, err
}

// shows refuses whoever has nothing to show: neither producer nor operator anywhere.
func (s *server) shows(v *visit) error {
	if len(v.who.Operator)+len(v.who.Clerk) > 0 {
		return nil
	}
	grown, err := s.Producers.Standings(v.ctx, v.who.ID)
	if err == nil && len(grown) == 0 {
		err = fault.Forbidden("forbidden")
	}
	return err
}

// picture is the body itself, or the field photo of a form.
func (v *visit) picture() ([]byte, error) {
	kind, _, err := mime.ParseMediaType(v.c.Get("Content-Type"))
	switch {
	case err == nil && kind == "multipart/form-data":
	case err == nil && (kind == "image/jpeg" || kind == "image/png" || kind == "application/octet-stream"):
		return v.c.Request().Body(), nil
	default:
		return nil, refusing(http.StatusUnsupportedMediaType, "media_type")
	}
	head, err := v.c.FormFile("photo")
	if err != nil {
		return nil, fault.Invalid("photo", "required")
	}
	if head.Size > photo.MostBytes {
		return nil, fault.TooLarge("photo_too_large").On("photo")
	}
	file, err := head.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, photo.MostBytes+1))
}

const photoKey = "photo/"

func hashOf(key string) string {
	if len(key) <= len(photoKey) {
		return ""
	}
	return key[len(photoKey):]
}

func (s *server) givePhoto(v *visit, in *struct {
	Hash  string `path:"hash" doc:"the key without photo/"`
	Width string `path:"width" doc:"320, 640 or 1200"`
}) (*download, error) {
	width, err := strconv.Atoi(in.Width)
	if err != nil {
		return nil, fault.NotFound("photo_unknown")
	}
	data, kind, err := s.Photos.Get(v.ctx, photoKey+in.Hash, width)
	return &download{Type: kind, Cache: "public, max-age=31536000, immutable", Body: data}, err
}
