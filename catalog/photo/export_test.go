package photo

// Busy takes the turn, as a picture that is being decoded does, until free.
func (s *Studio) Busy() (free func()) {
	s.turn <- struct{}{}
	return func() { <-s.turn }
}

// Head reads a picture's head as Take does.
func Head(data []byte) (orientation int, err error) {
	f, err := look(data)
	return f.orientation, err
}
