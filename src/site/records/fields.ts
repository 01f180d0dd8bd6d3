/** Parts of values in presentation format (RFC 1035 section 5.1). */

/** Words of a value; what stands in double quotes is one of them, without the quotes. */
export function words(value: string): string[] {
  return [...value.matchAll(/"(?:[^"\\]|\\.)*"|[^\s"]+/gs)].map(([word]) => unquoted(word));
}

/** A character string without its quotes, where it has any. */
export function unquoted(text: string): string {
  const [, inside] = /^"((?:[^"\\]|\\.)*)"$/s.exec(text) ?? [];
  return inside?.replace(/\\(["\\])/g, '$1') ?? text;
}

/** A whole number from 0 to `max` in decimal digits. */
export function isNumber(text: string | undefined, max: number): text is string {
  return /^(0|[1-9]\d{0,9})$/.test(text ?? '') && Number(text) <= max;
}

/** Printable ASCII, so that no escape is needed but for quotes and backslashes. */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** A character string in quotes. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Bytes in hexadecimal, in lower case, from the words they are spread over; undefined where they are none. */
export function hexOf(parts: string[]): string | undefined {
  const hex = parts.join('').toLowerCase();
  return /^([0-9a-f]{2})+$/.test(hex) ? hex : undefined;
}

/** Whether a text is base64 (RFC 4648 section 4) with its padding and without idle bits at its end. */
export function isBase64(text: string): boolean {
  return text !== '' && Buffer.from(text, 'base64').toString('base64') === text;
}
