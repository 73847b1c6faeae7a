import { z } from "zod";

/** Where a piece lies on the state topic. */
const PieceRefSchema = z.strictObject({
  /** The snapshot that wrote it: a history that did not change is not written again. */
  snapshotId: z.string(),
  /** Offset of its first record. */
  offset: z.number().int().nonnegative(),
  /** Records. */
  count: z.number().int().positive(),
  /** Bytes of its records. */
  bytes: z.number().int().nonnegative(),
  /** Bytes written to the partition's log before it since the state began: tells how much of the log is dead. */
  position: z.number().int().nonnegative(),
});
export type PieceRef = z.infer<typeof PieceRefSchema>;

/** The last record of a snapshot: which pieces make up the state of a partition. */
export const ManifestSchema = z.strictObject({
  snapshotId: z.string(),
  partition: z.number().int().nonnegative(),
  partitionCount: z.number().int().positive(),
  /** Next reading: everything before it is in the state, and its candidates and dead letters are delivered. */
  nextOffset: z.number().int().nonnegative(),
  /** Lowest offset of the state topic that this snapshot needs. */
  lowestOffset: z.number().int().nonnegative(),
  position: z.number().int().nonnegative(),
  writtenAt: z.string(),
  groups: z.record(z.string(), z.strictObject({ history: PieceRefSchema, recent: PieceRefSchema })),
});
export type Manifest = z.infer<typeof ManifestSchema>;

/** What the commit says: metadata of both offsets, the same in both, so that a torn pair is seen. */
export const PointerSchema = z.strictObject({
  snapshotId: z.string(),
  nextOffset: z.number().int().nonnegative(),
  lowestOffset: z.number().int().nonnegative(),
  manifestOffset: z.number().int().nonnegative(),
});
export type Pointer = z.infer<typeof PointerSchema>;

/** Reads commit metadata; undefined where there is none or it is not ours. */
export function parsePointer(metadata: string | null | undefined): Pointer | undefined {
  if (!metadata) return undefined;
  try {
    const parsed = PointerSchema.safeParse(JSON.parse(metadata));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
