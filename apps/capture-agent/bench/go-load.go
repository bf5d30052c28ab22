// Starts goroutines: reads "go N" from standard input, makes bursts of N and answers with the nanoseconds of processor time
// that one took in the best burst.
package main

import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

const bursts, pause = 20, 15 * time.Millisecond

func processorTime() int64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func burst(count int) float64 {
	done := make(chan bool, count)
	began := processorTime()
	for i := 0; i < count; i++ {
		go func() { done <- true }()
	}
	for i := 0; i < count; i++ {
		<-done
	}
	return float64(processorTime()-began) / float64(count)
}

func main() {
	runtime.GOMAXPROCS(1)
	var mode string
	var count int
	for {
		if read, _ := fmt.Scan(&mode, &count); read != 2 {
			return
		}
		best := burst(count)
		for i := 1; i < bursts; i++ {
			time.Sleep(pause)
			if each := burst(count); each < best {
				best = each
			}
		}
		fmt.Printf("%.2f\n", best)
	}
}
