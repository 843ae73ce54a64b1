// Package sis synchronises external patrons from the files of a student information system: Alma's "Users" integration
// profile with its actions Import and Synchronize. A record goes through steps that know nothing of each other: read
// (split the file, decode), match, plan (the ownership rules, no store), apply (one conditional write), report. All
// records go through them twice: in a survey on a stand-in for the store, which tells what would happen, and then to be
// written. Every step may be repeated: a record that was applied is found unchanged the next time.
//
// What a file may hold and what becomes of it follows Alma's pages on student information systems and on the
// behaviour of external user data.
package sis
