package auth

// OpenBrowser opens url with $BROWSER when browser is not "", else the system's
// way, without sharing our terminal and without waiting. ErrNoBrowser where none
// can be shown: SSH, containers, no display.
func OpenBrowser(url, browser string, env []string) error { panic("todo") }
