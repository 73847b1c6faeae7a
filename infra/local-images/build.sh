#!/usr/bin/env bash
# Assembles stand-ins for the images of docker-compose.yml where no image registry can be reached: Debian by debootstrap, its packages of
# Redis and Java, Kafka's jars from Maven, Node from node_modules. They answer to the same settings, ports, folders and start commands as
# the official images, so that the Docker paths can be tried for real; they are not for production. Needs root, Docker, debootstrap, Maven.
#
#   infra/local-images/build.sh
#   HASHWATT_TEST_SERVERS=docker HASHWATT_KAFKA_IMAGE=hashwatt-local/kafka:4.1.1 HASHWATT_REDIS_IMAGE=hashwatt-local/redis:debian \
#     TESTCONTAINERS_RYUK_DISABLED=true npm test -- --project integration
#   HASHWATT_NODE_IMAGE=hashwatt-local/node:26 HASHWATT_KAFKA_IMAGE=... HASHWATT_REDIS_IMAGE=... docker compose up --build --detach --wait detector
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT

echo "Debian ..."
debootstrap --variant=minbase --include=openjdk-17-jre-headless,redis-server,ca-certificates bookworm "$work/debian" >"$work/debootstrap.log" ||
  { tail "$work/debootstrap.log"; exit 1; }
rm -rf "$work/debian/var/cache/apt/archives" "$work/debian/var/lib/apt/lists"
tar -C "$work/debian" -c . | docker import - hashwatt-local/debian:bookworm >/dev/null

echo "Redis ..."
docker build -q -t hashwatt-local/redis:debian - <<'DOCKERFILE'
FROM hashwatt-local/debian:bookworm
RUN mkdir /data && chown redis:redis /data
USER redis
WORKDIR /data
VOLUME /data
EXPOSE 6379
CMD ["redis-server", "--protected-mode", "no"]
DOCKERFILE

echo "Kafka ..."
mkdir "$work/kafka"
(cd "$root/infra/native" && mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/kafka/libs" -DincludeScope=runtime)
cp "$here/kafka-run.sh" "$work/kafka/run"
docker build -q -t hashwatt-local/kafka:4.1.1 -f - "$work/kafka" <<'DOCKERFILE'
FROM hashwatt-local/debian:bookworm
RUN useradd appuser && mkdir -p /opt/kafka /etc/kafka/docker /var/lib/kafka/data && chown -R appuser /opt/kafka /var/lib/kafka
COPY libs /opt/kafka/libs
COPY run /etc/kafka/docker/run
USER appuser
VOLUME /var/lib/kafka/data
EXPOSE 9092
CMD ["/etc/kafka/docker/run"]
DOCKERFILE

echo "Node ..."
mkdir "$work/node"
cp -L "$root/node_modules/.bin/node" "$work/node/node"
cp -rL "$(dirname "$(readlink -f "$(command -v npm)")")/.." "$work/node/npm" # not by "npm root -g": that follows the Node in front on the PATH
cp /etc/ssl/certs/ca-certificates.crt "$work/node/ca.crt" # this machine's: a package mirror may be signed by a certificate of its own
docker build -q -t hashwatt-local/node:26 -f - "$work/node" <<'DOCKERFILE'
FROM hashwatt-local/debian:bookworm
RUN useradd -m node
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY ca.crt /etc/ssl/certs/ca-certificates.crt
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
CMD ["node"]
DOCKERFILE
