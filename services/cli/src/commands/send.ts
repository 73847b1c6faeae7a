import { topics, type PeerGrouping } from "@hashwatt/contracts";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ExitCode } from "../exit-codes.ts";
import { parseSpeed } from "../run/pace.ts";
import { sendFiles } from "../run/send-files.ts";
import { PeerGroupingSchema } from "@hashwatt/contracts";
import { wholeNumber } from "./options.ts";

interface SendOptions {
  readonly meters: string[];
  readonly readings: string[];
  readonly brokers?: string;
  readonly topic: string;
  readonly speed: number;
  readonly batch: number;
  readonly peerGroup: PeerGrouping;
}

export function sendCommand(end: (code: ExitCode) => void): Command {
  return new Command("send")
    .summary("send the readings of files to Kafka")
    .description(
      "Sends the readings of files to Kafka in order of arrival. Key = peer group, so it must be the detector's PEER_GROUP. TLS and SASL by the " +
        "detector's KAFKA_* variables.",
    )
    .requiredOption("--meters <files...>", "meter registry")
    .requiredOption("--readings <files...>", "readings in order of arrival")
    .addOption(new Option("--brokers <list>", "host:port, separated by commas (or KAFKA_BROKERS)"))
    .option("--topic <name>", "topic of the readings", topics.readings)
    .option("--speed <speed>", "max, real, or a factor such as 60x (a minute of event time a second)", speed, Number.POSITIVE_INFINITY)
    .option("--batch <count>", "readings in a message; 1 = single objects, more = arrays", wholeNumber(1, 10_000), 100)
    .addOption(new Option("--peer-group <group>", "meters judged together").choices(PeerGroupingSchema.options).default("area"))
    .addHelpText(
      "after",
      `
Examples:
  hashwatt send --brokers 127.0.0.1:9092 --meters m.csv --readings r.csv.gz
  hashwatt send --brokers k1:9092,k2:9092 --meters m.csv --readings 'r/*.csv.zst' --speed 3600x --batch 1
  KAFKA_TLS=true KAFKA_SASL_MECHANISM=scram-sha-512 KAFKA_SASL_USERNAME=u KAFKA_SASL_PASSWORD_FILE=secret \\
    hashwatt send --brokers k:9093 --meters m.csv --readings r.csv.gz`,
    )
    .action(async (options: SendOptions) => end(await sendFiles(options)));
}

function speed(text: string): number {
  const parsed = parseSpeed(text);
  if (parsed === undefined) throw new InvalidArgumentError("It must be max, real, or a factor such as 60x.");
  return parsed;
}
