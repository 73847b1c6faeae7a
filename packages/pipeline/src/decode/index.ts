export type { DecodeReject } from "./decode-types.ts";
export { createMessageDecoder, type DecoderOptions, maxMessageBytes, type MessageDecoder, type MessageRange } from "./message-decoder.ts";
