/** Bytes a value may have. */
export const LARGEST = 65_536;

/** A value, or why there is none, for a sentence that begins with where it was read. */
export type Reading = { value: string } | { fault: string };

/** What was read, as the store takes it: UTF-8, without one line end at its end. */
export function readingOf(bytes: Uint8Array): Reading {
  if (bytes.length > LARGEST) return { fault: `gives more than ${LARGEST} bytes` };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { fault: 'gives bytes that are no text in UTF-8' };
  }
  const value = text.replace(/\r?\n$/, '');
  return value === '' ? { fault: 'gives nothing' } : { value };
}
