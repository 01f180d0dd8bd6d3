import { isPublic } from '../model/secret.ts';
import { privatePartsOf } from '../util/jwk.ts';

/** Knows the values that were revealed in this process, so that none of them is printed. */
export interface Revealed {
  note(path: string, version: number, value: string): void;
  /** The text with every such value replaced by its name. */
  scrub(text: string): string;
}

/** Shorter pieces would be found in texts that have nothing to do with them. */
const SHORTEST = 8;
/** Versions of a path that are remembered; what was printed later than that is long dead. */
const VERSIONS = 3;

export function createRevealed(): Revealed {
  const known = new Map<string, Map<number, string[]>>();

  return {
    note(path, version, value) {
      if (isPublic(path)) return;
      const versions = known.get(path) ?? new Map<number, string[]>();
      if (versions.has(version)) return;
      known.set(path, versions.set(version, piecesOf(value)));
      for (const old of [...versions.keys()].sort((a, b) => b - a).slice(VERSIONS)) versions.delete(old);
    },
    scrub(text) {
      let clean = text;
      for (const [path, versions] of known)
        for (const piece of [...versions.values()].flat())
          if (clean.includes(piece)) clean = clean.replaceAll(piece, `[secret ${path}]`);
      return clean;
    },
  };
}

/** A value of several lines, such as a key in PEM, would be printed by its lines as well; a JWK by its members. */
function piecesOf(value: string): string[] {
  const lines = privatePartsOf(value) ?? value.split('\n').filter((line) => !line.startsWith('-----'));
  return [...new Set([value, ...lines])].filter((piece) => piece.length >= SHORTEST);
}
