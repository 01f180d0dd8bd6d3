import type { Needle } from './forms.ts';

/** Looks for many needles at once. */
export interface Search {
  /** Needles that are in a text. */
  find(text: Uint8Array): Set<Needle>;
  /** Bytes of one piece of a long text that the next one has to begin with. */
  overlap: number;
}

/** Bytes that are looked at together. */
const BLOCK = 3;
const SLOTS = 1 << 18;

/**
 * Wu and Manber, "A fast algorithm for multi-pattern searching" (1994): a table says for the last bytes of a
 * window how far the next needle can begin at the earliest, so that most bytes are never looked at.
 */
export function createSearch(needles: Needle[]): Search {
  const shortest = Math.min(...needles.map(({ bytes }) => bytes.length));
  const longest = Math.max(...needles.map(({ bytes }) => bytes.length));
  if (needles.length === 0 || shortest < BLOCK) {
    if (needles.length === 0) return { find: () => new Set(), overlap: 0 };
    throw new Error('a needle is too short');
  }
  const shifts = new Uint8Array(SLOTS).fill(Math.min(255, shortest - BLOCK + 1));
  const ending = new Map<number, Needle[]>();
  for (const needle of needles) {
    for (let i = BLOCK - 1; i < shortest; i++) {
      const slot = slotAt(needle.bytes, i);
      shifts[slot] = Math.min(shifts[slot] ?? 0, shortest - 1 - i);
    }
    const last = slotAt(needle.bytes, shortest - 1);
    ending.set(last, [...(ending.get(last) ?? []), needle]);
  }

  return {
    overlap: longest - 1,
    find(text) {
      const found = new Set<Needle>();
      for (let i = shortest - 1; i < text.length; ) {
        const slot = slotAt(text, i);
        const shift = shifts[slot] ?? 0;
        if (shift === 0)
          for (const needle of ending.get(slot) ?? [])
            if (isAt(text, i - shortest + 1, needle.bytes)) found.add(needle);
        i += shift || 1;
      }
      return found;
    },
  };
}

/** Of the bytes that end at an index. */
function slotAt(bytes: Uint8Array, end: number): number {
  return (((bytes[end - 2] ?? 0) << 10) ^ ((bytes[end - 1] ?? 0) << 5) ^ (bytes[end] ?? 0)) & (SLOTS - 1);
}

function isAt(text: Uint8Array, start: number, bytes: Uint8Array): boolean {
  if (start + bytes.length > text.length) return false;
  for (let i = 0; i < bytes.length; i++) if (text[start + i] !== bytes[i]) return false;
  return true;
}
