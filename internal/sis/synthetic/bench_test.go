package synthetic

import (
	"io"
	"testing"
)

func BenchmarkWriteXML(b *testing.B) {
	benchmark(b, Config.WriteXML)
}

func BenchmarkWriteCSV(b *testing.B) {
	benchmark(b, Config.WriteCSV)
}

func benchmark(b *testing.B, write func(Config, io.Writer) error) {
	c := Config{People: 20_000, Seed: 1, Night: 1, Changed: 0.01, New: 0.005, Gone: 0.005}
	var size counter
	if err := write(c, &size); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if err := write(c, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/float64(c.Records()), "B/record")
}

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
