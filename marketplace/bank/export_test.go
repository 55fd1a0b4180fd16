package bank

// Heard reads a file in yuan, and gives the lines of its statements and the last closing
// balance.
func Heard(data []byte) (lines []Line, closing *int64, err error) {
	all, err := read(data, "CNY")
	for _, f := range all {
		lines, closing = append(lines, f.lines...), f.closing
	}
	return lines, closing, err
}
