package cli

import (
	"bytes"
	"regexp"
	"sync"
	"testing"
	"time"
)

// Patience is how long a test waits for another process: only one that hangs takes it all.
const Patience = time.Minute

// Eventually waits for what nobody tells of: a file, a server of another process.
func Eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for hung := time.Now().Add(Patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(hung) {
			t.Fatalf("%s did not happen", what)
		}
	}
}

// Transcript is what a program wrote so far. Its zero value is empty.
type Transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed at the next write; nil while nobody waits
}

// Write implements io.Writer.
func (s *Transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.more != nil {
		close(s.more)
		s.more = nil
	}
	return s.text.Write(p)
}

func (s *Transcript) String() string {
	text, _ := s.now(false)
	return text
}

// now is the text, and when asked for a channel that the next write closes.
func (s *Transcript) now(wait bool) (text string, more <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if wait && s.more == nil {
		s.more = make(chan struct{})
	}
	return s.text.String(), s.more
}

// Await waits until pattern matches, and returns its last group, else the match.
func (s *Transcript) Await(t testing.TB, pattern string) string {
	t.Helper()
	want, hangs := regexp.MustCompile(pattern), time.After(Patience)
	for {
		text, more := s.now(true)
		if m := want.FindStringSubmatch(text); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-more:
		case <-hangs:
			t.Fatalf("%q was never written:\n%s", pattern, text)
		}
	}
}
