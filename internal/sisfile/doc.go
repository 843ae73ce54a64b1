// Package sisfile cuts a file of a student information system into its user records, as bytes, and reads one of them. It
// knows two formats: Alma's user XML (version 2, the user object of the REST API) and CSV with the mapping of the SIS
// profile. Cutting and reading are apart because most records of a nightly file are the same as the night before:
// the text of a record is enough to see that, and only a new or changed one is read.
//
// Memory is bounded for any file: by the largest record that is taken, 8 MB, and a little more.
package sisfile
