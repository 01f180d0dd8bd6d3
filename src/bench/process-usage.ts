import { readFileSync } from 'node:fs';

/** What a process used so far, and what it holds now. */
export interface Usage {
  /** Seconds of processor time: its own, and of children that ended. */
  own: number;
  children: number;
  /** Bytes that are resident: all, and those that no file stands behind. */
  resident: number;
  anonymous: number;
}

/** Ticks a second in proc_pid_stat(5): the same on every Linux machine we run on (time(7), USER_HZ). */
const TICKS = 100;

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return parseUsage(stat, status);
}

/** Pure part of {@link usageOf}: the texts of proc_pid_stat(5) and proc_pid_status(5). */
export function parseUsage(stat: string, status: string): Usage {
  // The name in parentheses may hold anything; the third field follows the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = (field: number) => Number(fields[field - 3]) / TICKS;
  const bytes = (name: string) =>
    Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm'))?.[1]) * 1024;
  return {
    own: ticks(14) + ticks(15),
    children: ticks(16) + ticks(17),
    resident: bytes('VmRSS'),
    anonymous: bytes('RssAnon'),
  };
}
