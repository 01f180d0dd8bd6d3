/** Shorter lines of a value are not worth hiding: they are in every text. */
const SHORTEST = 4;

/** A text in which none of the values can be read, nor a line of one. */
export function scrub(text: string, values: Iterable<string>): string {
  const lines = [...values].flatMap((value) => [value, ...value.split('\n')]).map((line) => line.trim());
  const longest = [...new Set(lines)].filter((line) => line.length >= SHORTEST);
  longest.sort((a, b) => b.length - a.length);
  return longest.reduce((scrubbed, line) => scrubbed.replaceAll(line, '[secret]'), text);
}
