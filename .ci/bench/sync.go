package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // registers the encrypting VFS
)

// sync measures a first pull beside curl fetching the same pages, a pull of
// nothing new, and a push of 1,000 changes.
func (b *bench) sync() {
	heading(fmt.Sprintf("Sync of %d rows on loopback", *big))
	h := b.long
	h.start(b.program)
	defer h.stop()
	curl := b.curl(h)
	var first, again, push, fetched, stored []time.Duration
	for range max(3, *runs/3) {
		h.must(b.program, "logout", "--force")
		h.must(b.program, "login", "--sync=no")
		fetched = append(fetched, curl.run().wall)
		stored = append(stored, b.storing())
		first = append(first, h.timed(b.program, "sync"))
		again = append(again, h.timed(b.program, "sync"))
		b.offline(1000)
		push = append(push, h.timed(b.program, "sync"))
	}
	against("first pull", []series{{"kindling sync", first, nil}, {"curl, the same pages, stored nowhere", fetched, nil}, {"SQLite, the same rows, from memory", stored, nil}}, "≤ 1.3 × (curl + SQLite)")
	against("pull of nothing new", []series{{"kindling sync", again, nil}}, "< ¼ of the first")
	against("push of 1,000 changes, and pull", []series{{"kindling sync", push, nil}}, "< 3 s")
}

// storing is the time that SQLite takes to write as many rows, encrypted and
// indexed like a cache, and nothing else.
func (b *bench) storing() time.Duration {
	dir, err := os.MkdirTemp(b.dir, "storing-")
	must(err)
	defer func() { _ = os.RemoveAll(dir) }()
	start := time.Now()
	db, err := sqlite3.Open("file:" + filepath.Join(dir, "db") + "?vfs=adiantum&hexkey=" + strings.Repeat("ab", 32))
	must(err)
	must(db.Exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;
		CREATE TABLE todos (closed, ord, id, title, done, state, note, rev, PRIMARY KEY (closed, ord, id)) WITHOUT ROWID;
		CREATE UNIQUE INDEX todos_id ON todos (id); CREATE INDEX todos_rev ON todos (rev)`))
	insert, _, err := db.Prepare("INSERT INTO todos VALUES (?, ?, ?, ?, 0, 0, '', 1)")
	must(err)
	const rowsAtOnce = 10_000
	for i, line := range b.long.lines {
		if i%rowsAtOnce == 0 {
			must(db.Exec("BEGIN"))
		}
		id := binary.BigEndian.AppendUint64(nil, uint64(i)) // in order, as a pull brings them
		done, title := split(line)
		must(errors.Join(insert.BindBool(1, done), insert.BindInt64(2, rand.Int64()), insert.BindBlob(3, append(id, id...)),
			insert.BindText(4, title), insert.Exec()))
		if i%rowsAtOnce == rowsAtOnce-1 || i == len(b.long.lines)-1 {
			must(db.Exec("COMMIT"))
		}
	}
	must(errors.Join(insert.Close(), db.Close()))
	return time.Since(start)
}

func (h *home) timed(argv ...string) time.Duration { return command{argv: argv, env: h.env}.run().wall }

// offline makes n changes that wait.
func (b *bench) offline(n int) {
	var in strings.Builder
	for i := range n {
		fmt.Fprintf(&in, "zq9%05d offline %d\n", i, time.Now().UnixNano())
	}
	command{argv: []string{b.program, "add", "--sync=no", "-"}, env: b.long.env, in: []byte(in.String())}.run()
}

// curl learns the pages of a pull, and the token, from a second sign-in that goes through a
// recording proxy, and makes one curl that fetches them in order over one connection.
func (b *bench) curl(h *home) command {
	target := value(h.env, "INSFORGE_URL")
	seen := &recorder{base: target}
	proxy := httptest.NewServer(seen)
	defer proxy.Close()
	dir := filepath.Join(b.dir, "recorded")
	env := append(append([]string{}, h.env...), "INSFORGE_URL="+proxy.URL,
		"XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_STATE_HOME="+dir)
	command{argv: []string{b.program, "login", "--sync=wait"}, env: env}.run()
	config := filepath.Join(dir, "curl")
	var lines strings.Builder
	fmt.Fprintf(&lines, "silent\nheader = \"Authorization: %s\"\n", seen.token)
	for _, u := range seen.urls {
		fmt.Fprintf(&lines, "url = \"%s\"\noutput = \"/dev/null\"\n", u)
	}
	must(os.WriteFile(config, []byte(lines.String()), 0o600))
	return command{name: "curl", argv: []string{"curl", "-K", config}, env: os.Environ()}
}

// recorder passes requests on and keeps the addresses of pages and the token.
type recorder struct {
	base  string
	mu    sync.Mutex
	urls  []string
	token string
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	target, err := url.Parse(r.base)
	must(err)
	if strings.Contains(req.URL.Path, "/records/") && req.Method == http.MethodGet {
		r.mu.Lock()
		r.token = req.Header.Get("Authorization")
		r.urls = append(r.urls, r.base+req.URL.RequestURI())
		r.mu.Unlock()
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ServeHTTP(w, req)
}

// value is a variable's last value.
func value(env []string, name string) (v string) {
	for _, e := range env {
		if rest, ok := strings.CutPrefix(e, name+"="); ok {
			v = rest
		}
	}
	return v
}
