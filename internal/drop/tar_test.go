package drop

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

// tarred is a tar of the files, in the order given, name and content in turn; a name that ends in / is a directory, one
// that begins with -> a link.
func tarred(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		h := &tar.Header{Name: files[i], Size: int64(len(files[i+1])), Mode: 0o644}
		if name, ok := strings.CutPrefix(h.Name, "->"); ok {
			*h = tar.Header{Name: name, Linkname: files[i+1], Typeflag: tar.TypeSymlink}
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Linkname != "" {
			continue
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tarGz is the same, packed.
func tarGz(t *testing.T, files ...string) []byte {
	t.Helper()
	return gzipped(t, string(tarred(t, files...)))
}

func TestUnpackTar(t *testing.T) {
	const two = "a.xml=<a/> sub/b.xml=<b/>"
	noise := make([]byte, 300_000) // what does not pack
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	plain := string(tarred(t, "a.xml", "<a/>", "sub/b.xml", "<b/>"))
	large := tarGz(t, "a.xml", string(noise), "b.xml", string(noise))
	wrongSum := gzipped(t, plain)
	wrongSum[len(wrongSum)-6] ^= 1
	damaged := []byte(plain)
	damaged[1024+10] ^= 1
	many := make([]string, 0, 102)
	for i := range 51 {
		many = append(many, fmt.Sprintf("%d.xml", i), "x")
	}
	tests := []struct {
		name    string
		content []byte
		limits  Limits
		want    string
	}{
		{"two files", gzipped(t, plain), Limits{}, two},
		{"what is left out", tarGz(t, "sub/", "", "._a.xml", "x", "a.xml", "<a/>", "__MACOSX/a.xml", "x", "sub/._b.xml", "x", "sub/b.xml", "<b/>"), Limits{}, two},
		{"long name", tarGz(t, strings.Repeat("x", 300)+"ä", "<a/>"), Limits{}, strings.Repeat("x", 300) + "ä=<a/>"},
		{"odd names", tarGz(t, "../../etc/x", "1", "/y", "2"), Limits{}, "../../etc/x=1 /y=2"},
		{"link", tarGz(t, "->a.xml", "/etc/passwd", "b.xml", "<b/>"), Limits{}, "a.xml: It is a link and not a file; put the file itself into the archive. b.xml=<b/>"},
		{"in two parts", append(gzipped(t, plain[:1000]), gzipped(t, plain[1000:])...), Limits{}, two},
		{"empty file", tarGz(t, "a.xml", ""), Limits{}, "a.xml="},
		{"no files", tarGz(t, "sub/", ""), Limits{}, "The tar.gz file holds no files."},
		{"as many as may be", tarGz(t, many[:100]...), Limits{Members: 50}, strings.Trim(fmt.Sprintln(withContent(many[:100])), "[]\n")},
		{"too many", tarGz(t, many...), Limits{}, "The tar.gz file holds more than 50 files, which is the most."},
		{"zip in tar", tarGz(t, "a.zip", string(packed(t, "b", "x")), "b.xml", "<b/>"), Limits{}, "a.zip: It is a zip file within an archive; put the files themselves into one archive. b.xml=<b/>"},
		{"too large", tarGz(t, "a.xml", strings.Repeat("x", 101), "b.xml", "<b/>"), Limits{Size: 100}, "a.xml: It unpacks to more than 0 MB, which is refused as unsafe; split it. b.xml=<b/>"},
		{"bomb", tarGz(t, "a.xml", "<a/>", "b.xml", strings.Repeat("\x00", harmless)), Limits{Ratio: 10}, "It unpacks to more than 64 MB, which is refused as unsafe; split it."},
		{"truncated", large[:len(large)/2], Limits{}, "The tar.gz file is truncated."},
		{"truncated by its last byte", large[:len(large)-1], Limits{}, "The tar.gz file is truncated."},
		{"tar truncated in a file", gzipped(t, plain[:513]), Limits{}, "The tar.gz file is truncated."},
		{"tar truncated behind a file", gzipped(t, plain[:1024]), Limits{}, "The tar.gz file is truncated."},
		{"wrong checksum", wrongSum, Limits{}, "The tar.gz file is damaged: gzip: invalid checksum."},
		{"damaged header", gzipped(t, string(damaged)), Limits{}, "The tar.gz file is damaged: archive/tar: invalid tar header."},
		{"not quite a tar", gzipped(t, strings.Repeat("x", 600)), Limits{}, "f=" + strings.Repeat("x", 600)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := unpackAll(t, onDisk(t, tt.content), tt.limits); got != tt.want {
				t.Errorf("got %.300q, want %.300q", got, tt.want)
			}
		})
	}
}

func withContent(files []string) []string {
	var all []string
	for i := 0; i < len(files); i += 2 {
		all = append(all, files[i]+"="+files[i+1])
	}
	return all
}

// TestUnpackSystemTar unpacks what the system's own tar packs, in each of its formats.
func TestUnpackSystemTar(t *testing.T) {
	dir := t.TempDir()
	d, err := NewDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Put(t.Context(), "in/a.xml", "text/xml", []byte("<a/>")); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"v7", "ustar", "gnu", "pax"} {
		out, err := exec.Command("tar", "-C", dir+"/in", "--format="+format, "-czf", dir+"/f", ".").CombinedOutput()
		if err != nil {
			t.Fatalf("tar: %v: %s", err, out)
		}
		if got, want := unpackAllOf(t, d, "f"), "./a.xml=<a/>"; got != want {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
}

// TestUnpackSparse reads a member that is mostly holes and would unpack to far more than there is.
func TestUnpackSparse(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	content := "1\n1099511627776\n0\n" // one piece of no bytes at the end of a terabyte
	content += strings.Repeat("\x00", tarBlock-len(content))
	h := &tar.Header{Name: "a.xml", Size: int64(len(content)), Mode: 0o644, Format: tar.FormatPAX}
	if err := w.WriteHeader(h); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	records := paxHeader("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=a.xml", "GNU.sparse.realsize=1099511627776")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(records)
	z.Write(b.Bytes())
	z.Close()
	got := unpackAll(t, onDisk(t, packed.Bytes()), Limits{Size: 1 << 20})
	if want := "a.xml: It unpacks to more than 1 MB, which is refused as unsafe; split it."; got != want {
		t.Errorf("got %.200q, want %q", got, want)
	}
}

// paxHeader is a header of extended records for the member behind it, which the package tar does not write.
func paxHeader(records ...string) []byte {
	var body strings.Builder
	for _, r := range records {
		n := len(r) + 2
		for n != len(fmt.Sprint(n))+len(r)+2 {
			n = len(fmt.Sprint(n)) + len(r) + 2
		}
		fmt.Fprintf(&body, "%d %s\n", n, r)
	}
	header := make([]byte, tarBlock)
	copy(header, "PaxHeaders/a.xml")
	copy(header[100:], "0000644\x000000000\x000000000\x00")
	copy(header[124:], fmt.Sprintf("%011o\x00%011o\x00", body.Len(), 0))
	copy(header[148:], "        x")
	copy(header[257:], "ustar\x0000")
	sum := 0
	for _, c := range header {
		sum += int(c)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
	padding := make([]byte, (tarBlock-body.Len()%tarBlock)%tarBlock)
	return append(append(header, body.String()...), padding...)
}

func FuzzUnpackTar(f *testing.F) {
	seed := func(files ...string) {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for i := 0; i < len(files); i += 2 {
			w.WriteHeader(&tar.Header{Name: files[i], Size: int64(len(files[i+1])), Mode: 0o644})
			w.Write([]byte(files[i+1]))
		}
		w.Close()
		f.Add(b.Bytes())
	}
	seed("a.xml", "<a/>", "sub/", "", "._b", "x", "b.xml", "<b/>")
	seed(strings.Repeat("x", 300), "<a/>")
	f.Add(paxHeader("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=1099511627776"))
	f.Fuzz(func(t *testing.T, content []byte) {
		// What is no refusal fails in unpackAll: bytes alone are never a failure of the source.
		unpackAll(t, inMemory(gzipped(t, string(content))), Limits{Members: 5, Size: 1 << 20, Ratio: 100})
	})
}
