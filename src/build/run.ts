import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { exec } from '../util/exec.ts';
import { BUILD_LOCK } from './places.ts';

/** The log of one build, and what the step under way has printed, for its fault. */
export interface BuildLog {
  readonly file: string;
  /** Lines of the latest step; the newest thousand. */
  readonly lines: string[];
  write(line: string): void;
  close(): Promise<void>;
}

/** Starts a log anew. A disk too full for a log does not fail what is logged. */
export function openLog(file: string): BuildLog {
  mkdirSync(dirname(file), { recursive: true });
  const stream = createWriteStream(file, { mode: 0o600 });
  stream.on('error', () => {});
  const lines: string[] = [];
  return {
    file,
    lines,
    write(line) {
      if (lines.push(line) > 1000) lines.shift();
      if (!stream.errored) stream.write(`${line}\n`);
    },
    async close() {
      stream.end();
      await finished(stream).catch(() => {});
    },
  };
}

export interface RunOptions {
  env: Record<string, string>;
  log: BuildLog;
  onLine?: (line: string) => void;
  /** A file to lock first, waiting for whoever holds it. */
  lock?: string;
}

/**
 * Runs one step of a build: it holds the build lock, and dies with this process however that ends, so
 * that no orphan goes on writing beside a later run. Everything it prints is logged.
 */
export async function runStep(argv: string[], { env, log, onLine, lock }: RunOptions): Promise<string> {
  log.lines.length = 0;
  log.write(`+ ${argv.join(' ')}`);
  const locked = lock ? ['flock', '--no-fork', lock, ...argv] : argv;
  return await exec(
    ['setpriv', '--pdeathsig', 'KILL', '--', 'flock', '--shared', '--no-fork', BUILD_LOCK, ...locked],
    {
      env: { ...env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      onLine(line) {
        log.write(line);
        onLine?.(line);
      },
    },
  );
}
