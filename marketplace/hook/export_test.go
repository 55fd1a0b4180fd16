package hook

import "time"

// Public says whether an address is one of the world's.
var Public = public

// Most is how many hooks a market may have.
const Most = most

// Quickly gives receivers less time, so that a test need not wait.
func (r *Room) Quickly(d time.Duration) { r.carrier.client.Timeout = d }
