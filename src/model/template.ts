import type { HostContent } from './host-file.ts';

/** A piece of a template: text as it is, or a path of the store, at an index of the template. */
export type Piece = { text: string } | { secret: string; at: number };

/** What is wrong in a template, at an index of its text. */
export interface Malformed {
  at: number;
  got: string;
  hint: string;
}

/**
 * Reads `password = ${secret:PATH}`. `$${` stands for `${` itself; any other `${` is malformed, so that a
 * mistyped reference is never written to a file as it stands.
 */
export function readTemplate(text: string): { pieces: Piece[]; malformed: Malformed[] } {
  const pieces: Piece[] = [];
  const malformed: Malformed[] = [];
  let from = 0;
  for (const { 0: mark, 1: path, index } of text.matchAll(/\$\$\{|\$\{secret:([^\s{}]+)\}|\$\{/g)) {
    if (index > from) pieces.push({ text: text.slice(from, index) });
    from = index + mark.length;
    if (mark === '$${') pieces.push({ text: '${' });
    else if (path !== undefined) pieces.push({ secret: path, at: index });
    else malformed.push({ at: index, ...complaint(text.slice(index)) });
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return { pieces, malformed };
}

function complaint(rest: string): Omit<Malformed, 'at'> {
  const line = rest.split('\n')[0] ?? '';
  const end = line.indexOf('}');
  const shown = end < 0 ? line.slice(0, 40) : line.slice(0, end + 1);
  if (end < 0 && line.startsWith('${secret:')) return { got: shown, hint: 'closing it with "}"' };
  return { got: shown, hint: `$${shown} for the text itself, or \${secret:sources/NAME}` };
}

/** The text of a template, each path replaced by what `reveal` gives for it. */
export function fillTemplate(text: string, reveal: (path: string) => string): string {
  const { pieces } = readTemplate(text);
  return pieces.map((piece) => ('text' in piece ? piece.text : reveal(piece.secret))).join('');
}

/** Paths of the store that a file's content names, each once. */
export function secretsIn(content: HostContent): string[] {
  const texts = content.format === 'text' ? [content.text] : textsIn(content.data);
  const pieces = texts.flatMap((text) => readTemplate(text).pieces);
  return [...new Set(pieces.flatMap((piece) => ('secret' in piece ? [piece.secret] : [])))];
}

function textsIn(data: unknown): string[] {
  if (typeof data === 'string') return [data];
  if (Array.isArray(data)) return data.flatMap(textsIn);
  return typeof data === 'object' && data !== null ? Object.values(data).flatMap(textsIn) : [];
}
