/** The two libraries come without types. */
declare module "snappyjs" {
  export function uncompress(block: Buffer): Buffer;
  export function compress(block: Buffer): Buffer;
}
declare module "lz4js" {
  export function decompress(frame: Uint8Array): Uint8Array;
  export function compress(content: Uint8Array): Uint8Array;
}
