#!/usr/bin/env bash
# Start command of the stand-in for the Apache Kafka image: KAFKA_FOO_BAR=x becomes foo.bar=x, as there (__ stands for _, ___ for -).
set -euo pipefail
properties=/opt/kafka/server.properties
{
  echo "log.dirs=/var/lib/kafka/data"
  while IFS='=' read -r name value; do
    case $name in
      KAFKA_HEAP_OPTS | KAFKA_OPTS) ;;
      KAFKA_*) echo "$(sed 's/^KAFKA_//; s/___/-/g; s/__/%/g; s/_/./g; s/%/_/g' <<<"$name" | tr '[:upper:]' '[:lower:]')=$value" ;;
    esac
  done < <(env)
} >"$properties"
java -Xmx128m -cp '/opt/kafka/libs/*' kafka.tools.StorageTool format --ignore-formatted -t "${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" -c "$properties"
# shellcheck disable=SC2086 # the options are several words
exec java ${KAFKA_HEAP_OPTS:--Xms256m -Xmx512m} -cp '/opt/kafka/libs/*' kafka.Kafka "$properties"
