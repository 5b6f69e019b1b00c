package store

import "errors"

// What a caller may branch on; each comes wrapped around its cause.
var (
	ErrOffline  = errors.New("offline")                         // no answer, or none that is definite
	ErrSignIn   = errors.New("sign in again")                   // no usable token
	ErrNoToken  = errors.New("no token for the project")        // and asking again does not mend that
	ErrRefused  = errors.New("the project refuses this key")    // 401 to a fresh token, or 42501
	ErrNoTable  = errors.New("the todos table is missing")      // 42P01, 404
	ErrForeign  = errors.New("rows of somebody else were sent") // row-level security is broken
	ErrBusy     = errors.New("another process is syncing")
	ErrInUse    = errors.New("another process uses this account")
	ErrNewer    = errors.New("the cache was written by a newer version")
	ErrNothing  = errors.New("nothing to do")
	ErrNotFound = errors.New("no such todo")
	ErrTitle    = errors.New("the title cannot be stored") // NUL, or not UTF-8
)
