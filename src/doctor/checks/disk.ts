import { existsSync, type StatsFs, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Check, Finding } from '../check.ts';

/** Where podman keeps images and the logs of containers. */
const CONTAINER_STORAGE = '/var/lib/containers';
const GIB = 1024 ** 3;

export const disk: Check = {
  id: 'disk',
  title: 'Disk',
  needs: [],
  async run({ stateRoot }) {
    const places = [stateRoot, CONTAINER_STORAGE].map(nearestExisting);
    const byDevice = new Map(places.map((place) => [statSync(place).dev, place]));
    const findings = [...byDevice.values()].map(async (place) => judgeSpace(place, await statfs(place)));
    return (await Promise.all(findings)).flat();
  },
};

/** A first `up` needs about 3 GiB; a full disk stops every write of every service. */
export function judgeSpace(place: string, { bavail, blocks, bsize, ffree, files }: StatsFs): Finding[] {
  const free = bavail * bsize;
  const share = blocks === 0 ? 0 : bavail / blocks;
  const space = `${(free / GIB).toFixed(1)} GiB (${Math.round(share * 100)} %) free in ${place}`;
  const remedy = 'remove what is not needed, or move the state to a larger disk with ALLOD_STATE';
  const findings: Finding[] = [];
  if (free < GIB) findings.push({ state: 'fault', text: `the disk is full: ${space}`, remedy });
  else if (free < 5 * GIB && share < 0.2) findings.push({ state: 'warning', text: `only ${space}`, remedy });
  // btrfs has no fixed number of inodes and says 0.
  const inodes = files === 0 ? 1 : ffree / files;
  const names = `room for ${ffree} more files (${(inodes * 100).toFixed(1)} %) in ${place}`;
  if (inodes < 0.01)
    findings.push({ state: 'fault', text: `the disk takes no more files: ${names}`, remedy });
  else if (inodes < 0.1) findings.push({ state: 'warning', text: `only ${names}`, remedy });
  return findings.length > 0 ? findings : [{ state: 'ok', text: space }];
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
