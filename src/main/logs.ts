import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Prints the end of log files, and goes on as they grow until interrupted. With `labels`, each line
 * stands behind the label of its file, and podman's own prefix of a line (time, stream, flag) is cut to the time.
 */
export async function follow(
  paths: string[],
  following: boolean,
  lines: number,
  labels?: string[],
): Promise<void> {
  const width = Math.max(0, ...(labels ?? []).map((label) => label.length));
  await Promise.all(paths.map((path, i) => tail(path, following, lines, labels?.[i]?.padEnd(width))));
}

async function tail(path: string, following: boolean, lines: number, label?: string): Promise<void> {
  const args = ['-n', String(lines), ...(following ? ['-F'] : []), path];
  const child = spawn('tail', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: child.stdout }))
    process.stdout.write(label === undefined ? `${line}\n` : `${label}  ${shorten(line)}\n`);
}

/** `2026-11-23T08:00:00.123456789+00:00 stdout F text` → `08:00:00 text` */
function shorten(line: string): string {
  return line.replace(/^\S+T(\d\d:\d\d:\d\d)\S* \S+ \S+ /, '$1 ');
}
