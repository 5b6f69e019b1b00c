package cli

import (
	"encoding/xml"
	"fmt"
	"os"

	"kindling/store"
)

// junitSuite is a JUnit report: a leak is a failure, what was not tested is skipped.
type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
	Skipped *junitMessage `xml:"skipped"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
}

// writeJUnit writes what came of each attack, and why the run failed, if it did: a
// report without that would be green.
func writeJUnit(path string, attacks []store.Attack, failed error) error {
	suite := junitSuite{Name: "isolation", Tests: len(attacks)}
	for _, at := range attacks {
		c := junitCase{Name: at.Name, Class: "isolation"}
		switch at.Verdict {
		case "leak":
			suite.Failures++
			c.Failure = &junitMessage{at.Sent + " → " + at.Answer}
		case "untested":
			suite.Skipped++
			c.Skipped = &junitMessage{at.Why}
		}
		suite.Cases = append(suite.Cases, c)
	}
	if failed != nil {
		suite.Tests++
		suite.Errors++
		suite.Cases = append(suite.Cases, junitCase{Name: "run", Class: "isolation", Error: &junitMessage{printable(failed.Error())}})
	}
	data, err := xml.MarshalIndent(suite, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append([]byte(xml.Header), append(data, '\n')...), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write JUnit report: %w", err)
	}
	return nil
}
