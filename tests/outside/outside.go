// SPDX-License-Identifier: Apache-2.0
//
// Verifies notes and Merkle proofs of the test kit with Go's own packages. Exit 0: verified; 1: refused.
package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func refuse(why interface{}) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}

func number(text string) int64 {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		refuse(err)
	}
	return value
}

func hash(data []byte) tlog.Hash {
	var out tlog.Hash
	if len(data) != len(out) {
		refuse("a hash of another length")
	}
	copy(out[:], data)
	return out
}

func hexHash(text string) tlog.Hash {
	data, err := hex.DecodeString(text)
	if err != nil {
		refuse(err)
	}
	return hash(data)
}

func hashes(data []byte) (out []tlog.Hash) {
	for len(data) > 0 {
		end := 32
		if len(data) < end {
			end = len(data)
		}
		out = append(out, hash(data[:end]))
		data = data[end:]
	}
	return out
}

func open(message []byte, keys []string) {
	var verifiers []note.Verifier
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			refuse(err)
		}
		verifiers = append(verifiers, verifier)
	}
	if _, err := note.Open(message, note.VerifierList(verifiers...)); err != nil {
		refuse(err)
	}
}

func main() {
	defer func() {
		if why := recover(); why != nil {
			refuse(why)
		}
	}()
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		refuse(err)
	}
	args := os.Args[2:]
	switch os.Args[1] {
	case "note":
		open(data, args)
	case "inclusion":
		index, size := number(args[0]), number(args[1])
		err = tlog.CheckRecord(hashes(data), size, hexHash(args[3]), index, hexHash(args[2]))
	case "consistency":
		old, size := number(args[0]), number(args[1])
		err = tlog.CheckTree(hashes(data), size, hexHash(args[3]), old, hexHash(args[2]))
	default:
		os.Exit(2)
	}
	if err != nil {
		refuse(err)
	}
}
