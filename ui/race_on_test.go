//go:build race

package ui

// raceDetector makes sync.Pool forget at random: allocations are not counted then.
const raceDetector = true
