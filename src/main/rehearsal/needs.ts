import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DesiredService } from '../../plan/desired.ts';
import { type Fault, PersonFault } from '../../util/errors.ts';
import { PLACE } from './place.ts';

const MIB = 2 ** 20;
/** Bytes for the daemon of the copy, its client, and podman. */
const BESIDE = 400 * MIB;
/** Bytes of disk for the data of new services. */
const DISK = 1024 * MIB;

/** Bytes of memory that a second site takes: as the first one, where that is known, else what it may take at most. */
export function memoryFor(services: DesiredService[], used: Map<string, number>): number {
  const each = services.map(
    ({ id, pod }) => used.get(id) ?? pod.containers.reduce((sum, { memory }) => sum + memory * MIB, 0),
  );
  return each.reduce((sum, bytes) => sum + bytes, BESIDE);
}

/** Throws PersonFault where this machine has less memory or disk to spare. */
export async function assertRoom(memory: number): Promise<void> {
  const faults: Fault[] = [];
  const [, kib = '0'] = /^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  const { bavail, bsize } = await statfs(dirname(PLACE));
  for (const [where, needed, free, hint] of [
    ['memory', memory, Number(kib) * 1024, 'when less runs here'],
    [`disk of ${PLACE}`, DISK, bavail * bsize, 'after making room'],
  ] as const)
    if (free < needed)
      faults.push({
        where,
        message: `expected ${inMib(needed)} to spare for a second site; got ${inMib(free)}; try again ${hint}`,
      });
  if (faults.length > 0) throw new PersonFault(faults);
}

export function inMib(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}
