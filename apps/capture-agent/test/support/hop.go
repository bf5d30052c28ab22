// An HTTP server that asks another one for each request, N requests; and that other one.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
)

func listen() (net.Listener, string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return listener, "http://" + listener.Addr().String()
}

// A connection for each request: of one that is used again, the goroutines belong to whoever opened it.
var fresh = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func get(url string) string {
	response, err := fresh.Get(url)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return string(body)
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	back, backURL := listen()
	front, frontURL := listen()
	go http.Serve(back, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "stock of %s", r.URL.Path)
	}))
	go http.Serve(front, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response, err := fresh.Get(backURL + "/stock" + r.URL.Path)
		if err != nil {
			panic(err)
		}
		defer response.Body.Close()
		io.Copy(w, response.Body)
	}))
	var all sync.WaitGroup
	for i := 0; i < count; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			get(fmt.Sprintf("%s/%d", frontURL, i))
		}(i)
	}
	all.Wait()
}
