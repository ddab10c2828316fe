#!/bin/bash
# Starts a broker. An empty volume is formatted first, with the users of kafka.users: later changes are kafka-configs.sh's.
set -euo pipefail
umask 077
here=$(dirname "$0")
folder=${TMPDIR:-/tmp}

{
  cat "$here/server.properties"
  echo "node.id=$NODE_ID"
  echo "controller.quorum.voters=$VOTERS"
  echo "advertised.listeners=CLIENTS://$NAME:9092,BROKERS://$NAME:9094,HOST://localhost:$HOST_PORT"
  for copies in default offsets.topic transaction.state.log share.coordinator.state.topic; do
    echo "$copies.replication.factor=$COPIES"
  done
  for insync in min.insync.replicas transaction.state.log.min.isr share.coordinator.state.topic.min.isr; do
    echo "$insync=$INSYNC"
  done
} >"$folder/server.properties"

# The health check shows the broker's own certificate.
{
  echo security.protocol=SSL
  grep '^ssl\.[kt]' "$here/server.properties"
} >"$folder/client.properties"

users=()
while IFS= read -r user; do
  users+=(--add-scram "$user")
done </run/secrets/kafka.users
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "$CLUSTER_ID" \
  --config "$folder/server.properties" "${users[@]}"
exec /opt/kafka/bin/kafka-server-start.sh "$folder/server.properties"
