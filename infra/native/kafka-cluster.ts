import { freePort } from "./free-port.ts";
import { newClusterId, type NativeKafka, startKafka } from "./kafka.ts";

/** Brokers of one cluster, each also a controller. */
export interface NativeKafkaCluster {
  /** `host:port` of each, as in KAFKA_BROKERS. */
  readonly brokers: readonly string[];
  readonly nodes: readonly NativeKafka[];
  readonly stop: () => Promise<void>;
}

/**
 * Starts three brokers that keep each partition three times and take a write when two have it: one may be lost.
 *
 * @throws Error as startKafka does
 */
export async function startKafkaCluster(): Promise<NativeKafkaCluster> {
  const ids = [1, 2, 3];
  const ports: number[] = [];
  for (let count = 0; count < 2 * ids.length; count++) ports.push(await freePort());
  const [clientPorts, controllerPorts] = [ports.slice(0, ids.length), ports.slice(ids.length)];
  const clusterId = newClusterId();
  const nodes = await Promise.all(
    ids.map((id, at) => {
      const client = `CLIENTS://127.0.0.1:${clientPorts[at]}`;
      const own = {
        "node.id": `${id}`,
        listeners: `${client},CONTROLLER://127.0.0.1:${controllerPorts[at]}`,
        "advertised.listeners": client,
        "controller.quorum.voters": ids.map((voter, i) => `${voter}@127.0.0.1:${controllerPorts[i]}`).join(","),
      };
      return startKafka({ clusterId, settings: { ...own, ...replicated } });
    }),
  );
  return {
    brokers: clientPorts.map((port) => `127.0.0.1:${port}`),
    nodes,
    // One after the other the last two would wait for a majority that has gone.
    stop: async () => void (await Promise.all(nodes.map((node) => node.kill().then(() => node.stop())))),
  };
}

const replicated = {
  "default.replication.factor": "3",
  "min.insync.replicas": "2",
  "offsets.topic.replication.factor": "3",
  "transaction.state.log.replication.factor": "3",
  "transaction.state.log.min.isr": "2",
  "share.coordinator.state.topic.replication.factor": "3",
  "share.coordinator.state.topic.min.isr": "2",
  // So that a lost broker is noticed within seconds; the default is 9.
  "broker.session.timeout.ms": "3000",
  "broker.heartbeat.interval.ms": "500",
};
