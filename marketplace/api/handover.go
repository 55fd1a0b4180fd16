package api

import (
	"net/http"

	"commonfield/agents/payout"
	"commonfield/agents/region"
	"commonfield/catalog/photo"
	"commonfield/storage"
	"commonfield/storage/fault"
)

// handPhotos is the folder of the pictures that show who got the money; the
// public's door does not serve it.
const handPhotos = "handover"

// handedHere finds a payout in cash for those who have to do with it: its
// receiver, the one who has the money, and operators. To others there is none.
func (s *server) handedHere(v *visit, in This) (region.Market, payout.Handed, error) {
	m, name, err := v.place(in)
	if err != nil {
		return m, payout.Handed{}, err
	}
	var o payout.Handed
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { o, err = payout.FindHanded(tx, name); return })
	if err == nil && o.Person != v.who.ID && o.Giver != v.who.ID && !v.who.IsOperator(m.ID) {
		err = fault.NotFound("payout_unknown")
	}
	return m, o, err
}

func (s *server) drawCode(v *visit, in *This) (cashCode, error) {
	m, o, err := s.handedHere(v, *in)
	if err != nil {
		return cashCode{}, err
	}
	code, err := s.Payouts.Code(v.ctx, m.ID, o.ID, v.who)
	return cashCode{code, o.Until}, err
}

func (s *server) handedOver(v *visit, in *thisWith[cashProof]) (handover, error) {
	m, o, err := s.handedHere(v, in.This)
	if err == nil && o.Giver != v.who.ID {
		err = fault.NotFound("payout_unknown")
	}
	if err != nil {
		return handover{}, err
	}
	p := payout.Proof{Code: in.Body.Code, WitnessOne: in.Body.WitnessOne, WitnessTwo: in.Body.WitnessTwo, Photo: in.Body.Photo}
	if p.Photo != "" {
		there, err := s.Photos.Apart(handPhotos).Has(v.ctx, p.Photo)
		if err != nil {
			return handover{}, err
		}
		if !there {
			return handover{}, fault.Invalid("photo", "photo_unknown")
		}
	}
	if _, err := s.Payouts.HandOver(v.ctx, m.ID, o.ID, v.who, p); err != nil {
		return handover{}, err
	}
	s.Worker.Wake()
	_, o, err = s.handedHere(v, in.This)
	return showHanded(m, o), err
}

func (s *server) calledBack(v *visit, in *thisWith[reason]) (handover, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return handover{}, err
	}
	_, o, err := s.handedHere(v, in.This)
	if err != nil {
		return handover{}, err
	}
	if err := s.Payouts.CallBack(v.ctx, m.ID, o.ID, v.who.ID, in.Body.Reason); err != nil {
		return handover{}, err
	}
	_, o, err = s.handedHere(v, in.This)
	return showHanded(m, o), err
}

// handPhotoRoute takes the picture that shows who got the money.
func (s *server) handPhotoRoute() {
	handle(s, route{method: http.MethodPost, path: "/handovers/{market}/{id}/photo", says: "Send the picture that shows who got the money", open: known, status: http.StatusCreated, fresh: true, most: photo.MostBytes + 1<<16,
		more: "By the one who has the money: JPEG or PNG, 15 MB at most, as the body itself or as the field photo of a form. Operators see it, nobody else."}, s.takeHandPhoto)
	send(s, route{method: http.MethodGet, path: "/handovers/{market}/{id}/photo", says: "Give the picture that shows who got the money", open: known, more: "For operators."}, "image/jpeg", s.giveHandPhoto)
}

func (s *server) takeHandPhoto(v *visit, in *struct {
	This
	RawBody []byte `contentType:"image/jpeg"`
}) (photoTaken, error) {
	_, o, err := s.handedHere(v, in.This)
	if err == nil && o.Giver != v.who.ID {
		err = fault.NotFound("payout_unknown")
	}
	if err != nil {
		return photoTaken{}, err
	}
	data, err := v.picture()
	if err != nil {
		return photoTaken{}, err
	}
	key, err := s.Photos.Apart(handPhotos).Take(v.ctx, data)
	return photoTaken{key, base + "/handovers/" + in.Market + "/" + in.ID + "/photo"}, err
}

func (s *server) giveHandPhoto(v *visit, in *This) (*download, error) {
	if _, err := v.operatedHere(in.Market); err != nil {
		return nil, err
	}
	_, o, err := s.handedHere(v, *in)
	if err == nil && o.Photo == "" {
		err = fault.NotFound("photo_unknown")
	}
	if err != nil {
		return nil, err
	}
	data, kind, err := s.Photos.Apart(handPhotos).Get(v.ctx, o.Photo, 1200)
	return &download{Type: kind, Cache: "no-store", Body: data}, err
}
