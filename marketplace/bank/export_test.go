package bank

// Heard reads a statement in yuan, and gives its lines and closing balance alone.
func Heard(data []byte) ([]Line, *int64, error) {
	f, err := read(data, "CNY")
	return f.lines, f.closing, err
}
