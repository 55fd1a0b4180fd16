package migrations

// May is may, for roles that a shared server does not have.
var May = may
