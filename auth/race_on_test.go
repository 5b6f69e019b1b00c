//go:build race

package auth_test

// raceDetector slows everything down several times: what is timed is not then.
const raceDetector = true
