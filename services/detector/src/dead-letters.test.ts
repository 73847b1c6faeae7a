import type { Message, Producer } from "kafkajs";
import { describe, expect, it } from "vitest";
import { type DeadLetter, deadLetterOf, sendDeadLetters } from "./dead-letters.ts";

/** A topic that takes requests of up to a limit, as a broker does. */
function topicOf(limitBytes: number) {
  const taken: Message[] = [];
  const producer = {
    send: async ({ messages }: { messages: Message[] }) => {
      const bytes = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
      if (bytes > limitBytes) throw Object.assign(new Error("too large"), { type: "MESSAGE_TOO_LARGE" });
      taken.push(...messages);
      return [];
    },
  } as unknown as Producer;
  return { producer, taken };
}

const source = { topic: "readings", partition: 3, offset: 42, key: Buffer.from("area-1") };
const letter = (value: Buffer | null): DeadLetter =>
  deadLetterOf({ ...source, value }, [
    { reason: "unknown_meter", detail: "meter x", index: 2 },
    { reason: "invalid_value", detail: "kw", index: 5 },
  ]);

describe("dead letters", () => {
  it("carry the original bytes, the reasons and where they came from", () => {
    expect(letter(Buffer.from("[...]"))).toEqual({
      key: Buffer.from("area-1"),
      value: Buffer.from("[...]"),
      headers: {
        reason: "unknown_meter",
        detail: "meter x",
        rejected: "2",
        rejects: '[{"reason":"unknown_meter","detail":"meter x","index":2},{"reason":"invalid_value","detail":"kw","index":5}]',
        "source-topic": "readings",
        "source-partition": "3",
        "source-offset": "42",
      },
    });
  });

  it("are sent in requests that Kafka takes, in order", async () => {
    const { producer, taken } = topicOf(1_000_000);
    const letters = Array.from({ length: 30 }, (_, i) => letter(Buffer.alloc(100_000, i)));
    await sendDeadLetters(producer, "dead", letters);
    expect(taken.map(({ value }) => (value as Buffer)[0])).toEqual(letters.map((_, i) => i));
  });

  it("are shortened, and say so, where the topic does not take them whole", async () => {
    const { producer, taken } = topicOf(1_000_000);
    await sendDeadLetters(producer, "dead", [letter(Buffer.alloc(5_000_000)), letter(null)]);
    expect(taken.map(({ value }) => value?.length)).toEqual([100_000, undefined]);
    expect(taken[0].headers).toMatchObject({ "truncated-from-bytes": "5000000" });
  });

  it("stay for another try on any other error", async () => {
    const producer = { send: () => Promise.reject(new Error("no broker")) } as unknown as Producer;
    await expect(sendDeadLetters(producer, "dead", [letter(null)])).rejects.toThrow("no broker");
  });
});
