//go:build unix

package process

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Lock takes the file at path for this process alone until it ends or unlock is called. Another process that holds it
// is an error at once.
func Lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		f.Close()
		return nil, fmt.Errorf("another run uses the same data (%s is locked); stop it first, or give this one a directory of its own with -dir", path)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock the data: %w", err)
	}
	return func() { f.Close() }, nil
}
