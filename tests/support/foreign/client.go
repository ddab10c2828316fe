package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"looma"
)

func must(err error, what string) {
	if err != nil {
		fmt.Fprintln(os.Stderr, what, err)
		os.Exit(1)
	}
}

func main() {
	ctx, id := context.Background(), os.Args[2]
	configuration := looma.NewConfiguration()
	configuration.Servers = looma.ServerConfigurations{{URL: os.Args[1]}}
	client := looma.NewAPIClient(configuration)

	talent := looma.NewTalent()
	talent.SetTitle("数据工程师")
	written, err := client.RecordsAPI.PatchTalent(ctx, id).Prefer("wait=10").IdempotencyKey(id).Talent(*talent).Execute()
	must(err, "patch")
	body, err := io.ReadAll(written.Body)
	must(err, "patched")

	record, _, err := client.RecordsAPI.ReadTalent(ctx, id).Execute()
	must(err, "read")

	event := looma.NewPostEventsRequest("1.0", id+"-go", "go", id, "looma.talent.upserted", time.Now().UTC())
	event.SetData(map[string]interface{}{"summary": "from Go"})
	accepted, _, err := client.EventsAPI.PostEvents(ctx).PostEventsRequest(*event).Execute()
	must(err, "event")
	operation, _, err := client.OperationsAPI.ReadOperation(ctx, accepted.Operations[0].Id).Execute()
	must(err, "operation")

	topics, _, err := client.StatusAPI.ReadTopics(ctx).Execute()
	must(err, "topics")
	matches, _, err := client.MatchesAPI.TalentMatches(ctx, id).Limit(5).Execute()
	must(err, "matches")

	_, missing, err := client.RecordsAPI.ReadTalent(ctx, id+"-nobody").Execute()
	problem := err.(*looma.GenericOpenAPIError).Model().(looma.ProblemBody)
	told := map[string]interface{}{
		"patched": json.RawMessage(body), "read": record, "event": accepted.Operations[0].Event, "state": operation.State,
		"generation": topics.Generation, "matches": len(matches.Items), "missing": missing.StatusCode, "code": problem.Code,
	}
	must(json.NewEncoder(os.Stdout).Encode(told), "told")
}
