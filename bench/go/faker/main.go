// faker writes n keys with etcd's Go client: what bench_faker.py compares py/etcd_faker.py with.
//
// usage: faker [-endpoints HOST:PORT,...] [-prefix PREFIX] [-n COUNT] [-c COUNT] [-batch COUNT]
//
// Each of -c goroutines takes the next -batch indexes and writes PREFIX/00000000 and so on: a
// put where the batch is one key, else a transaction of puts. In turn the values are JSON
// documents, sentences and random bytes of the faker's sizes. Prints the keys, the seconds and
// the keys a second in one line; the first error ends it with status 1.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

const (
	blobBytes     = 128
	sentenceWords = 12
)

var words = strings.Fields(`above agree almost answer autumn because bright carry cold
	common corner country decide distant early enough evening follow forest garden gather
	harvest house island journey kitchen letter market meadow morning narrow ocean paper
	quiet river season silver summer table travel under valley village window winter`)

type product struct {
	ID      int     `json:"id"`
	Name    string  `json:"name"`
	Email   string  `json:"email"`
	Price   float64 `json:"price"`
	Created string  `json:"created"`
}

func word(random *rand.Rand) string { return words[random.Intn(len(words))] }

// value returns what the key of an index holds.
func value(random *rand.Rand, index int) string {
	switch index % 3 {
	case 0:
		created := time.Unix(random.Int63n(1<<31), 0).UTC()
		document, err := json.Marshal(product{
			ID:      index,
			Name:    word(random) + " " + word(random),
			Email:   fmt.Sprintf("%s.%d@example.org", word(random), random.Intn(1000)),
			Price:   float64(random.Intn(100_000)) / 100,
			Created: created.Format(time.RFC3339),
		})
		if err != nil {
			log.Fatal(err)
		}
		return string(document)
	case 1:
		sentence := make([]string, sentenceWords)
		for i := range sentence {
			sentence[i] = word(random)
		}
		return strings.Join(sentence, " ")
	default:
		blob := make([]byte, blobBytes)
		random.Read(blob)
		return string(blob)
	}
}

// write puts the keys of the indexes from first up to end.
func write(client *clientv3.Client, random *rand.Rand, prefix string, first, end int) error {
	puts := make([]clientv3.Op, 0, end-first)
	for index := first; index < end; index++ {
		key := fmt.Sprintf("%s/%08d", prefix, index)
		puts = append(puts, clientv3.OpPut(key, value(random, index)))
	}
	var err error
	if len(puts) == 1 {
		_, err = client.Do(context.Background(), puts[0])
	} else {
		_, err = client.Txn(context.Background()).Then(puts...).Commit()
	}
	return err
}

func main() {
	log.SetFlags(0)
	endpoints := flag.String("endpoints", "127.0.0.1:2379", "etcd's `host:port`, several separated by commas")
	prefix := flag.String("prefix", "bench/faker", "where the keys go")
	n := flag.Int("n", 100_000, "how many keys")
	workers := flag.Int("c", 64, "how many goroutines write")
	batch := flag.Int("batch", 1, "keys per request")
	flag.Parse()
	client, err := clientv3.New(clientv3.Config{
		Endpoints:   strings.Split(*endpoints, ","),
		DialTimeout: 5 * time.Second,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	begin := time.Now()
	var taken atomic.Int64
	var running sync.WaitGroup
	for worker := range *workers {
		running.Add(1)
		go func() {
			defer running.Done()
			random := rand.New(rand.NewSource(int64(worker)))
			for {
				end := int(taken.Add(int64(*batch)))
				first := end - *batch
				if first >= *n {
					return
				}
				if err := write(client, random, *prefix, first, min(end, *n)); err != nil {
					log.Fatal(err)
				}
			}
		}()
	}
	running.Wait()
	seconds := time.Since(begin).Seconds()
	fmt.Printf("%d keys in %.2f s: %.0f keys/s\n", *n, seconds, float64(*n)/seconds)
}
