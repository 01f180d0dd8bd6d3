import { PersonFault } from '../util/errors.ts';

/** Largest site file, in bytes. */
export const MAX_BYTES = 1024 * 1024;

/** The text of a site file, and where its lines begin. */
export interface Source {
  /** As it stands before `:LINE:COL` in faults. */
  name: string;
  text: string;
  lineStarts: number[];
}

/** Line and column, both from 1, of an offset into the text. */
export function positionAt(source: Source, offset: number): { line: number; column: number } {
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (source.lineStarts[low] ?? 0) + 1 };
}

/**
 * Bytes to text: UTF-8 of at most {@link MAX_BYTES}, a byte order mark is accepted and dropped.
 * Throws PersonFault.
 */
export function decodeSource(bytes: Uint8Array, name: string): Source {
  if (bytes.length > MAX_BYTES) throw tooLarge(name, bytes.length);
  const decoded = new TextDecoder('utf-8').decode(bytes);
  const source: Source = { name, text: decoded, lineStarts: lineStartsOf(decoded) };
  const wrong = firstWrongByte(bytes, decoded);
  if (wrong !== undefined) {
    const { line, column } = positionAt(source, wrong.offset);
    const found = isUtf16(bytes) ? 'UTF-16' : `the byte 0x${wrong.byte.toString(16).padStart(2, '0')}`;
    throw new PersonFault({
      where: `${name}:${line}:${column}`,
      message: `expected text in UTF-8; got ${found}; try saving the file as UTF-8`,
    });
  }
  const control = controlCharacter.exec(decoded);
  if (control) {
    const { line, column } = positionAt(source, control.index);
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    const hint = control[0] === '\r' ? 'saving the file with LF line ends' : 'removing it';
    throw new PersonFault({
      where: `${name}:${line}:${column}`,
      message: `expected printable text; got the control character U+${code}; try ${hint}`,
    });
  }
  return source;
}

/** Not allowed in YAML 1.2 (section 5.1); a carriage return only before a line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controlCharacter = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f]|\r(?!\n)/;

export function tooLarge(name: string, bytes: number): PersonFault {
  return new PersonFault({
    where: name,
    message: `expected at most ${MAX_BYTES} bytes (1 MiB); got ${bytes}; try removing what is not part of the site`,
  });
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Where the decoder had to put U+FFFD that was not written there. */
function firstWrongByte(bytes: Uint8Array, decoded: string): { offset: number; byte: number } | undefined {
  let at = hasMark(bytes) ? 3 : 0;
  let from = 0;
  for (let offset = decoded.indexOf('\ufffd'); offset >= 0; offset = decoded.indexOf('\ufffd', offset + 1)) {
    at += Buffer.byteLength(decoded.slice(from, offset));
    if (bytes[at] !== 0xef || bytes[at + 1] !== 0xbf || bytes[at + 2] !== 0xbd)
      return { offset, byte: bytes[at] ?? 0 };
    from = offset;
  }
  return undefined;
}

function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}
