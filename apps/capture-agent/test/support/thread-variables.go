// C code with variables for each thread: Go's own comes to lie below them, not where it mostly does.
package main

/*
static __thread long counts[4];
static __thread int step = 1;
static long count(void) { return counts[1] += step; }
*/
import "C"

func init() { C.count() }
