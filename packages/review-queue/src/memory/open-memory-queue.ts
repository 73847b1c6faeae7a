import { existsSync } from "node:fs";
import { createReviewQueue } from "../create-review-queue.ts";
import type { OpenedQueue, QueuePolicy } from "../review-queue.ts";
import { lockJournal, openJournal, readJournal, unlockJournal } from "./journal.ts";
import { applyCommit, createMemoryStore, createMemoryTables, isCurrent, type MemoryTables } from "./memory-store.ts";

export interface MemoryQueueOptions extends QueuePolicy {
  /** Where accepted verbs are written down and read from at the next open (see journal.ts). Default: nowhere. */
  readonly journalFile?: string;
  /** Only look: the journal is neither locked, cut nor written, so it may be read while another process works on it. Verbs that write throw. */
  readonly readOnly?: boolean;
}

/**
 * The queue in this process. Throws an Error in one sentence when the journal is in use by another process, is damaged in the
 * middle, or is missing where it should only be read.
 */
export async function openMemoryQueue(options: MemoryQueueOptions = {}): Promise<OpenedQueue> {
  const tables = createMemoryTables();
  const { journalFile, readOnly = false } = options;
  if (journalFile === undefined) return { queue: createReviewQueue(createMemoryStore(tables, null), options), warnings: [] };
  if (readOnly && !existsSync(journalFile)) throw new Error(`${journalFile} does not exist; there is no queue to read`);
  if (readOnly) {
    replay(journalFile, tables);
    return { queue: createReviewQueue(createMemoryStore(tables, readOnlyJournal(journalFile)), options), warnings: [] };
  }
  lockJournal(journalFile);
  try {
    const { wholeBytes, tornBytes } = existsSync(journalFile) ? replay(journalFile, tables) : { wholeBytes: 0, tornBytes: 0 };
    const queue = createReviewQueue(createMemoryStore(tables, openJournal(journalFile, wholeBytes)), options);
    const torn = `${journalFile} ended in the middle of a line (the process was stopped while writing); ${tornBytes} bytes were cut off.`;
    return { queue, warnings: tornBytes > 0 ? [torn] : [] };
  } catch (error) {
    unlockJournal(journalFile);
    throw error;
  }
}

function replay(journalFile: string, tables: MemoryTables) {
  return readJournal(journalFile, (line, lineNumber) => {
    if (!isCurrent(tables, line)) {
      throw new Error(
        `${journalFile}:${lineNumber}: version ${line.case.version} of case ${line.case.caseId} does not follow the one before; a line is missing or written twice`,
      );
    }
    applyCommit(tables, line);
  });
}

function readOnlyJournal(file: string) {
  return {
    append(): never {
      throw new Error(`${file} was opened to read only`);
    },
    close(): void {},
  };
}
