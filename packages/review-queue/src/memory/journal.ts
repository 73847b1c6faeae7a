import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { Commit, Writer } from "../case-store.ts";
import { QueueUnavailableError } from "../queue-errors.ts";

/**
 * The memory queue's journal: one JSON line per accepted verb, only ever appended to, read from the beginning at open.
 *
 * When is a verb safe? Each line is handed to the operating system before the verb answers, so a process that is killed loses
 * nothing. A verb of a person is also forced to the disk (fsync, some ms) before it answers, and everything before it with it:
 * a power cut loses no decision. Lines of the detector are not: a cut may lose the last of them, and the detector, which keeps no
 * place of its own in this mode, tells them again.
 *
 * A kill in the middle of a write leaves a last line without its end; it is cut off at the next open, the verb had not answered.
 */
export interface Journal {
  append(commit: Commit, writer: Writer): void;
  close(): void;
}

export type JournalLine = Omit<Commit, "previous">;

/** Bytes read at a time. */
const blockBytes = 1 << 20;

/**
 * Hands every whole line to `onLine`, oldest first. Returns the length of the whole lines in bytes; what follows is torn.
 * Throws an Error that names file and line where a line is no journal line.
 */
export function readJournal(
  file: string,
  onLine: (line: JournalLine, lineNumber: number) => void,
): { wholeBytes: number; tornBytes: number } {
  const descriptor = openSync(file, "r");
  try {
    const block = Buffer.allocUnsafe(blockBytes);
    let rest = Buffer.alloc(0);
    let position = 0;
    let lineNumber = 0;
    for (
      let length = readSync(descriptor, block, 0, blockBytes, position);
      length > 0;
      length = readSync(descriptor, block, 0, blockBytes, position)
    ) {
      position += length;
      let text = Buffer.concat([rest, block.subarray(0, length)]);
      for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10)) {
        lineNumber += 1;
        onLine(parseLine(text.subarray(0, end), file, lineNumber), lineNumber);
        text = text.subarray(end + 1);
      }
      rest = text;
    }
    return { wholeBytes: position - rest.length, tornBytes: rest.length };
  } finally {
    closeSync(descriptor);
  }
}

function parseLine(bytes: Buffer, file: string, lineNumber: number): JournalLine {
  try {
    const { entry, case: next, site, evidence } = JSON.parse(bytes.toString("utf8"));
    if (typeof next.version !== "number" || typeof entry.caseId !== "string") throw new TypeError("a field is missing");
    return { entry, case: next, site, evidence: evidence && { candidateId: evidence.candidateId, json: JSON.stringify(evidence) } };
  } catch (cause) {
    throw new Error(
      `${file}:${lineNumber}: not a line of a review queue journal; restore the file from a copy, or move it away to begin anew`,
      {
        cause,
      },
    );
  }
}

/** Opens the file for appending after its first `wholeBytes`; what is behind them is cut off. Take `lockJournal` first. */
export function openJournal(file: string, wholeBytes: number): Journal {
  const descriptor = openSync(file, existsSync(file) ? "r+" : "wx");
  ftruncateSync(descriptor, wholeBytes);
  let size = wholeBytes;
  let isOpen = true;
  return {
    append(commit, writer) {
      const line = Buffer.from(formatLine(commit));
      try {
        for (let done = 0; done < line.length; ) done += writeSync(descriptor, line, done, line.length - done, size + done);
        if (writer === "person") fsyncSync(descriptor);
      } catch (cause) {
        // Half a line in the middle would make the whole file unreadable.
        ftruncateSync(descriptor, size);
        throw new QueueUnavailableError(
          "full",
          `${file}: the journal cannot be written (${(cause as Error).message}); free disk space and repeat`,
          { cause },
        );
      }
      size += line.length;
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      fsyncSync(descriptor);
      closeSync(descriptor);
      unlockJournal(file);
    },
  };
}

function formatLine({ entry, case: next, site, evidence }: Commit): string {
  return `{"entry":${JSON.stringify(entry)},"case":${JSON.stringify(next)},"site":${JSON.stringify(site)},"evidence":${evidence?.json ?? "null"}}\n`;
}

function lockFileOf(file: string): string {
  return `${file}.lock`;
}

/** Two processes that append to one journal would destroy it. Throws an Error that says who holds it. */
export function lockJournal(file: string): void {
  const lock = lockFileOf(file);
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const pid = Number(readFileSync(lock, "utf8"));
    if (pid !== process.pid && isAlive(pid)) {
      throw new Error(`${file} is in use by process ${pid}; stop it first, or open the journal to read only`, { cause: error });
    }
    // Its owner was killed.
    writeFileSync(lock, String(process.pid));
  }
}

export function unlockJournal(file: string): void {
  rmSync(lockFileOf(file), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
