package ui

import (
	"strings"
	"testing"

	"rsc.io/qr"
)

// What is drawn, read back module by module, is the code: whatever its size, and with
// a margin around it.
func TestQRCodeDrawsEveryModule(t *testing.T) {
	for _, text := range []string{"a", "https://example.kinde.com/device?user_code=ABCD-EFGH", strings.Repeat("long ", 60)} {
		code, err := qr.Encode(text, qr.L)
		if err != nil {
			t.Fatal(err)
		}
		lines := QRCode(text, 200)
		for y := -qrQuiet; y < code.Size+qrQuiet; y++ {
			row := []rune(strings.TrimSuffix(strings.TrimPrefix(lines[(y+qrQuiet)/2], qrInk), reset))
			lit := map[rune]bool{'█': true, '▀': (y+qrQuiet)%2 == 0, '▄': (y+qrQuiet)%2 == 1}
			if len(row) != code.Size+2*qrQuiet {
				t.Fatalf("%q: line %d has %d cells", text, y, len(row))
			}
			for x := -qrQuiet; x < code.Size+qrQuiet; x++ {
				if lit[row[x+qrQuiet]] == code.Black(x, y) {
					t.Fatalf("%q: module %d,%d is drawn the wrong way round", text, x, y)
				}
			}
		}
		if QRCode(text, code.Size+2*qrQuiet-1) != nil {
			t.Errorf("%q: a code is drawn where it does not fit", text)
		}
	}
}
