import { createHash, createHmac } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { AuditEntry, AuditEvent } from '../model/audit.ts';
import { messageOf, Transient } from '../util/errors.ts';
import { syncDirectory } from './host-key.ts';

export interface AuditHead {
  seq: number;
  hash: string;
}

export interface AuditLog {
  /**
   * Writes entries; they are on the disk when this returns. `chain`: the key that signs them, absent while
   * sealed. Not `durable`: with the next ones that are. To be called by one process at a time, in a transaction of the store. Throws Transient where the
   * file cannot be written, which leaves no part of an entry behind.
   */
  append(events: AuditEvent[], chain: Buffer | undefined, durable?: boolean): AuditHead;
  /** Files of the log that there are, oldest first. */
  files(): string[];
}

export const BEGINNING: AuditHead = { seq: 0, hash: '0'.repeat(64) };
/** Bytes after which a new file is begun; the chain goes on through all of them. */
const LARGEST = 8 * 2 ** 20;
/** Longer than any line. */
const TAIL = 16 * 1024;

export function openAudit(file: string, largest = LARGEST): AuditLog {
  /** The end of the file as this process left it: nobody has to read it again. */
  let known: { ino: number; size: number; head: AuditHead } | undefined;

  function append(events: AuditEvent[], chain: Buffer | undefined, durable: boolean): AuditHead {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    turnOver();
    const fd = openSync(file, 'a+', 0o600);
    try {
      const { ino, size } = fstatSync(fd);
      let head = known?.ino === ino && known.size === size ? known.head : headOf(fd, size);
      // Nothing is known of the end before the file is as it should be again.
      known = undefined;
      const lines = events.map((event) => {
        const line = lineOf(event, head, chain);
        head = { seq: head.seq + 1, hash: hashOf(line) };
        return `${line}\n`;
      });
      const start = fstatSync(fd).size;
      write(fd, Buffer.from(lines.join('')), start, durable);
      if (start === 0) syncDirectory(file);
      known = { ino, size: fstatSync(fd).size, head };
      return head;
    } finally {
      closeSync(fd);
    }
  }

  /** A new file under the old name; the old one is called by the number of its last entry. */
  function turnOver(): void {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size < largest) return;
    const fd = openSync(file, 'r+');
    const { seq } = headOf(fd, size);
    closeSync(fd);
    renameSync(file, join(dirname(file), `${stem(file)}.${String(seq).padStart(12, '0')}.jsonl`));
    syncDirectory(file);
  }

  /** The last whole line, of this file or of the one before it. A line cut short was never acknowledged: it goes. */
  function headOf(fd: number, size: number): AuditHead {
    const tail = Buffer.alloc(Math.min(size, TAIL));
    readSync(fd, tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf('\n');
    if (end + 1 < tail.length) ftruncateSync(fd, size - (tail.length - end - 1));
    if (end < 0) return headBefore();
    const line = tail.subarray(0, end).toString().split('\n').at(-1) ?? '';
    return { seq: seqOf(line), hash: hashOf(line) };
  }

  function headBefore(): AuditHead {
    const before = files()
      .filter((path) => path !== file)
      .at(-1);
    if (before === undefined) return BEGINNING;
    const fd = openSync(before, 'r+');
    try {
      return headOf(fd, fstatSync(fd).size);
    } finally {
      closeSync(fd);
    }
  }

  function files(): string[] {
    const older = new RegExp(`^${stem(file)}\\.\\d+\\.jsonl$`);
    const names = list(dirname(file)).filter((name) => older.test(name));
    return [
      ...names.sort().map((name) => join(dirname(file), name)),
      ...(list(dirname(file)).includes(basename(file)) ? [file] : []),
    ];
  }

  return {
    append(events, chain, durable = true) {
      try {
        return append(events, chain, durable);
      } catch (error) {
        if (!(error as NodeJS.ErrnoException).code) throw error;
        throw new Transient(
          `no secret is given out, and nothing done for administrators, while it cannot be recorded in ${file}: ${messageOf(error)}; try making room on its disk, or putting its owner and mode right`,
          { cause: error },
        );
      }
    },
    files,
  };
}

export function hashOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

export function macOf(chain: Buffer, entry: Omit<AuditEntry, 'mac'>): string {
  return createHmac('sha256', chain).update(JSON.stringify(entry)).digest('hex');
}

function lineOf(
  { actor, action, path, version, verb, text }: AuditEvent,
  { seq, hash }: AuditHead,
  chain: Buffer | undefined,
) {
  const entry: Omit<AuditEntry, 'mac'> = {
    ...{ seq: seq + 1, at: new Date().toISOString(), actor, action },
    ...(path === undefined ? {} : { path }),
    ...(version === undefined ? {} : { version }),
    ...(verb === undefined ? {} : { verb }),
    ...(text === undefined ? {} : { text }),
    previous: hash,
  };
  return JSON.stringify({ ...entry, ...(chain ? { mac: macOf(chain, entry) } : {}) });
}

/** All of it, on the disk, or nothing. */
function write(fd: number, bytes: Buffer, start: number, durable: boolean): void {
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    if (durable) fsyncSync(fd);
  } catch (error) {
    try {
      ftruncateSync(fd, start);
    } catch {
      // The next one to write finds a line without an end and removes it.
    }
    throw error;
  }
}

/** A line somebody has spoilt still has successors: `verify` names it. */
function seqOf(line: string): number {
  const [, digits] = /^\{"seq":(\d+),/.exec(line) ?? [];
  return Number(digits ?? 0);
}

function stem(file: string): string {
  return basename(file, '.jsonl');
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
