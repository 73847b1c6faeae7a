import type { RejectReason } from "@hashwatt/contracts";

/** A row of a file that was not used: one line of rejects.jsonl. */
export interface FileReject {
  readonly file: string;
  /** Physical line from 1 (Parquet: row from 1); null where it is not known. */
  readonly line: number | null;
  /** Name of the column at fault; null = the row as a whole. */
  readonly column: string | null;
  readonly reason: RejectReason;
  readonly detail: string;
  /** The row as it stood in the file, or the cells that were read of it. */
  readonly text: string | null;
}

export type OnFileReject = (reject: FileReject) => void;
