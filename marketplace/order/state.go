package order

import "slices"

// State is where an order stands.
type State string

// The states of an order, in the order of its life.
const (
	Placed    State = "placed"
	Promised  State = "promised"
	Secured   State = "secured"
	Accepted  State = "accepted"
	Packed    State = "packed"
	Shipped   State = "shipped"
	Delivered State = "delivered"
	Completed State = "completed"
	Cancelled State = "cancelled"
	Expired   State = "expired"
)

// Party is the side that somebody takes in an order.
type Party string

// The parties.
const (
	AsBuyer    Party = "buyer"
	AsSeller   Party = "seller"
	AsOperator Party = "operator"
	AsSystem   Party = "system"
)

// moves is the one map of what may follow what, and who may do it.
var moves = map[State]map[State][]Party{
	Placed: {
		Promised:  {AsSystem}, // kinds whose money is taken later
		Secured:   {AsSystem, AsOperator},
		Expired:   {AsSystem},
		Cancelled: {AsBuyer, AsOperator, AsSystem},
	},
	Promised: {
		Secured:   {AsSystem},
		Cancelled: {AsBuyer, AsOperator, AsSystem},
	},
	Secured: {
		Accepted:  {AsSeller, AsOperator},
		Completed: {AsSystem}, // kinds that deliver nothing
		Cancelled: {AsSeller, AsOperator, AsSystem},
	},
	Accepted: {
		Packed:    {AsSeller, AsOperator},
		Cancelled: {AsBuyer, AsSeller, AsOperator, AsSystem}, // the buyer once it is overdue
	},
	Packed: {
		Shipped:   {AsSeller, AsOperator},
		Cancelled: {AsBuyer, AsSeller, AsOperator, AsSystem}, // the same
	},
	Shipped: {
		Delivered: {AsBuyer, AsOperator, AsSystem},
		Cancelled: {AsOperator, AsSystem}, // every parcel lost or brought back
	},
	Delivered: {
		Completed: {AsBuyer, AsOperator, AsSystem},
	},
	Completed: {},
	Cancelled: {},
	Expired:   {},
}

// May says whether a state may follow, whoever asks.
func (s State) May(to State) bool { _, ok := moves[s][to]; return ok }

// Ended says whether nothing can follow.
func (s State) Ended() bool { return len(moves[s]) == 0 }

// Moves lists what a party may do next, in the order of an order's life.
func (s State) Moves(as Party) []State {
	var next []State
	for _, to := range []State{Promised, Secured, Accepted, Packed, Shipped, Delivered, Completed, Cancelled, Expired} {
		if slices.Contains(moves[s][to], as) {
			next = append(next, to)
		}
	}
	return next
}

// Makes says whether a party ever makes this move, from whatever state.
func (as Party) Makes(to State) bool {
	for _, next := range moves {
		if slices.Contains(next[to], as) {
			return true
		}
	}
	return false
}
