import { createServer } from "node:net";

/**
 * Runs `start` and, when another process took its port in the moment between finding and listening, once more with other ports.
 *
 * @throws what the second try throws
 */
export function retryTakenPort<T>(start: () => Promise<T>): Promise<T> {
  return start().catch((error: unknown) => {
    if (error instanceof Error && error.message.includes("Address already in use")) {
      return start();
    }
    throw error;
  });
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address !== null ? done(address.port) : fail(new Error("No free TCP port on 127.0.0.1.")),
      );
    });
  });
}
