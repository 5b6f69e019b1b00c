package store

import (
	"context"
	"iter"
	"net/http"
)

// Attack is one attempt of the isolation probe and what came of it.
type Attack struct {
	Name    string `json:"name"`    // begins with read-, insert-, update-, delete- or anon-
	Sent    string `json:"sent"`    // method and path, no token
	Answer  string `json:"answer"`  // status and the body's beginning
	Verdict string `json:"verdict"` // safe, leak, known or untested
	Why     string `json:"why,omitempty"`
}

// Probe attacks the rows of Other as As through the public API.
type Probe struct {
	BaseURL         string
	HTTP            *http.Client
	As, Other       TokenSource
	AsSub, OtherSub string
	AnonKey         string
	KindeToken      string // of As, "" when there is none
	Plant           bool   // may plant marked rows; else it only reads
}

// Run yields each attack when it was answered, and removes what it planted,
// whatever happens.
func (p Probe) Run(ctx context.Context) iter.Seq2[Attack, error] { panic("todo") }
