/**
 * The runtime's UTF-8 decoder. It is a pure function that every JavaScript host has; it is declared here because the pure packages are
 * checked without the types of any host.
 */
declare const TextDecoder: new (label: "utf-8", options: { fatal: boolean; ignoreBOM: boolean }) => { decode(bytes: Uint8Array): string };

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** Text of UTF-8 bytes. Throws TypeError where the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return strict.decode(bytes);
}

/** Text for messages to people: bytes that are not UTF-8 become U+FFFD. */
export function printableTextOf(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** Bytes of an ASCII literal. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
