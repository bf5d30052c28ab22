// A goroutine for each request, and keep-alive connections, at most POOL, to the program at BACK_PORT.
//
// /orders/N asks twice, one after the other; /pages/N three times at once; /visits/N once; anything else is not there.
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var back = "http://127.0.0.1:" + os.Getenv("BACK_PORT")
var client *http.Client

// What came with a request: the trace, and the id that the caller gave to its call.
type context struct{ trace, span string }

func (c context) ask(path string) (json.RawMessage, error) {
	random := make([]byte, 8)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	span := hex.EncodeToString(random)
	request, err := http.NewRequest("GET", back+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("traceparent", "00-"+c.trace+"-"+span+"-01")
	request.Header.Set("b3", c.trace+"-"+span+"-1-"+c.span)
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

func (c context) order(number int) ([]json.RawMessage, error) {
	order, err := c.ask("/orders/" + strconv.Itoa(number))
	if err != nil {
		return nil, err
	}
	time.Sleep(time.Duration(number%4) * time.Millisecond)
	visit, err := c.ask("/visits/" + strconv.Itoa(number))
	return []json.RawMessage{order, visit}, err
}

func (c context) page(number int) ([]json.RawMessage, error) {
	answers := make([]json.RawMessage, 3)
	failures := make([]error, 3)
	var all sync.WaitGroup
	for n := range answers {
		all.Add(1)
		go func(n int) {
			defer all.Done()
			answers[n], failures[n] = c.ask("/visits/" + strconv.Itoa(number+n))
		}(n)
	}
	all.Wait()
	for _, failure := range failures {
		if failure != nil {
			return nil, failure
		}
	}
	return answers, nil
}

func (c context) visit(number int) ([]json.RawMessage, error) {
	visit, err := c.ask("/visits/" + strconv.Itoa(number))
	return []json.RawMessage{visit}, err
}

func handle(response http.ResponseWriter, request *http.Request) {
	response.Header().Set("Content-Type", "application/json")
	parent := strings.Split(request.Header.Get("traceparent"), "-")
	path := strings.Split(request.URL.Path, "/")
	if len(parent) != 4 || len(path) != 3 {
		http.Error(response, `{"error":"no such page"}`, http.StatusNotFound)
		return
	}
	c := context{trace: parent[1], span: parent[2]}
	work := map[string]func(int) ([]json.RawMessage, error){"orders": c.order, "pages": c.page, "visits": c.visit}[path[1]]
	number, err := strconv.Atoi(path[2])
	if err != nil || work == nil {
		http.Error(response, `{"error":"no such page"}`, http.StatusNotFound)
		return
	}
	answers, err := work(number)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadGateway)
		return
	}
	if err := json.NewEncoder(response).Encode(answers); err != nil {
		log.Print(err)
	}
}

func main() {
	size, err := strconv.Atoi(os.Getenv("POOL"))
	if err != nil {
		log.Fatal(err)
	}
	client = &http.Client{Transport: &http.Transport{MaxConnsPerHost: size, MaxIdleConnsPerHost: size}}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), http.HandlerFunc(handle)))
}
