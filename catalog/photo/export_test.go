package photo

// Busy takes the turn, as a picture that is being decoded does, until free.
func (s *Studio) Busy() (free func()) {
	s.turn <- struct{}{}
	return func() { <-s.turn }
}
