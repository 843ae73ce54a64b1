// Command build makes what a deployment packages: for every function of the list a folder with its binary, named
// bootstrap as Lambda's own runtime wants it, and the institution's settings beside it.
//
//	go run ./build -out ../dist -arch arm64
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"patrondesk/functions"
	"patrondesk/internal/institution"
)

// tags leave out Lambda's old net/rpc interface, which keeps the linker from dropping unused code, and put the time
// zones in, which provided.al2023 does not promise to have.
const tags = "lambda.norpc,timetzdata"

func main() {
	root := flag.String("root", "..", "the module of the functions")
	out := flag.String("out", filepath.Join("..", "dist"), "where the folders go")
	arch := flag.String("arch", "arm64", "the processor: arm64 or amd64")
	settings := flag.String("institution", "institution.json", "the institution's settings")
	flag.Parse()
	names := flag.Args()
	if len(names) == 0 {
		for _, f := range functions.All {
			names = append(names, f.Name)
		}
	}
	if err := build(*root, *out, *arch, *settings, names); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// build makes the named functions. Settings that cannot be read are found here and not on AWS.
func build(root, out, arch, settings string, names []string) error {
	if _, err := institution.Read(settings); err != nil {
		return err
	}
	file, err := os.ReadFile(settings)
	if err != nil {
		return fmt.Errorf("read the institution's settings: %w", err)
	}
	out, err = filepath.Abs(out)
	if err != nil {
		return fmt.Errorf("find the folder for the functions: %w", err)
	}
	for _, name := range names {
		if _, ok := functions.Named(name); !ok {
			return fmt.Errorf("there is no function %q in functions.go", name)
		}
		folder := filepath.Join(out, name)
		if err := compile(root, folder, arch, name); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "institution.json"), file, 0o644); err != nil {
			return fmt.Errorf("package the institution's settings: %w", err)
		}
	}
	return nil
}

func compile(root, folder, arch, name string) error {
	cmd := exec.Command("go", "build", "-tags", tags, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w",
		"-o", filepath.Join(folder, "bootstrap"), "./functions/"+name)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("compile function %s: %w", name, err)
	}
	return nil
}
