// reporter reads all keys under a prefix with etcd's Go client: what bench_reporter.py compares
// py/etcd_reporter.py with.
//
// usage: reporter [-endpoints HOST:PORT,...] [-prefix PREFIX] [-batch COUNT] [-serializable]
//
// Reads pages of -batch keys at the revision of the first one, each from the key after the
// page before. Prints a line for each type of value (json, text, binary) with keys and bytes,
// one for the prices in JSON documents, and last the keys, the seconds and the keys a second;
// the first error ends it with status 1.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	clientv3 "go.etcd.io/etcd/client/v3"
)

type typeCount struct{ keys, bytes int }

type report struct {
	keys              int
	types             map[string]typeCount
	prices            int
	sum, least, large float64
}

// add counts a value in.
func (r *report) add(value []byte) {
	name := "text"
	var document map[string]any
	switch {
	case len(value) > 0 && value[0] == '{' && json.Unmarshal(value, &document) == nil:
		name = "json"
		if price, ok := document["price"].(float64); ok {
			r.prices++
			r.sum += price
			r.least = min(r.least, price)
			r.large = max(r.large, price)
		}
	case !utf8.Valid(value):
		name = "binary"
	}
	count := r.types[name]
	r.types[name] = typeCount{count.keys + 1, count.bytes + len(value)}
	r.keys++
}

// read adds all values under the prefix to the report.
func (r *report) read(client *clientv3.Client, prefix string, batch int64, serializable bool) error {
	options := []clientv3.OpOption{
		clientv3.WithRange(clientv3.GetPrefixRangeEnd(prefix)), clientv3.WithLimit(batch),
	}
	if serializable {
		options = append(options, clientv3.WithSerializable())
	}
	for key, revision := prefix, int64(0); ; {
		page, err := client.Get(
			context.Background(), key, append(options, clientv3.WithRev(revision))...)
		if err != nil {
			return err
		}
		for _, kv := range page.Kvs {
			r.add(kv.Value)
		}
		if !page.More {
			return nil
		}
		if revision == 0 {
			revision = page.Header.Revision
		}
		key = string(page.Kvs[len(page.Kvs)-1].Key) + "\x00"
	}
}

func main() {
	log.SetFlags(0)
	endpoints := flag.String("endpoints", "127.0.0.1:2379", "etcd's `host:port`, several separated by commas")
	prefix := flag.String("prefix", "bench/report/", "what to read")
	batch := flag.Int64("batch", 1000, "keys per page")
	serializable := flag.Bool("serializable", false, "read what the member at hand has")
	flag.Parse()
	client, err := clientv3.New(clientv3.Config{
		Endpoints:          strings.Split(*endpoints, ","),
		DialTimeout:        5 * time.Second,
		MaxCallRecvMsgSize: math.MaxInt32,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	begin := time.Now()
	r := report{types: map[string]typeCount{}, least: math.Inf(1), large: math.Inf(-1)}
	if err := r.read(client, *prefix, *batch, *serializable); err != nil {
		log.Fatal(err)
	}
	seconds := time.Since(begin).Seconds()
	for _, name := range []string{"json", "text", "binary"} {
		fmt.Printf("%-7s %d, %d bytes\n", name, r.types[name].keys, r.types[name].bytes)
	}
	fmt.Printf("price   %d, mean %.2f, %.2f to %.2f\n", r.prices, r.sum/float64(r.prices), r.least, r.large)
	fmt.Printf("%d keys in %.2f s: %.0f keys/s\n", r.keys, seconds, float64(r.keys)/seconds)
}
