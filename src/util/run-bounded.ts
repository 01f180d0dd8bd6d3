import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Bounds {
  /** Milliseconds until the command is killed with its process group. */
  timeout: number;
  /** Bytes of output after which it is killed likewise. */
  limit: number;
  /** All of its environment. */
  env: Record<string, string>;
  /** Numeric user and group it is run as; those of this process unless given. */
  user?: { uid: number; gid: number };
  /** Whether standard error is output too; it is thrown away unless given. */
  both?: boolean;
  /** Kills it likewise. */
  signal?: AbortSignal;
}

export interface Ended {
  /** How it ended, for a sentence that begins with its name; undefined where all went well. */
  fault?: string;
  output: Buffer;
}

/** Milliseconds in which the last output of a command that ended has to arrive. */
const FLUSH = 1000;

/**
 * Runs a command without a shell, with nothing on standard input, in a process group of its own that does
 * not outlive it: what it left behind is killed when it ends, is too slow, or prints too much.
 */
export async function runBounded(argv: string[], bounds: Bounds): Promise<Ended> {
  const { timeout, limit, env, user, both = false, signal } = bounds;
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    ...{ env, cwd: '/', detached: true, ...user },
    stdio: ['ignore', 'pipe', both ? 'pipe' : 'ignore'],
  });
  const chunks: Buffer[] = [];
  let size = 0;
  let fault: string | undefined;

  function stop(why: string): void {
    fault ??= why;
    killGroup(child.pid);
  }
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) stop(`printed more than ${limit} bytes`);
      else chunks.push(chunk);
    });
  const abort = () => stop('was not waited for');
  signal?.addEventListener('abort', abort);
  const timer = setTimeout(() => stop(`took longer than ${timeout / 1000} s`), timeout);
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const exit = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => resolve(`could not be started (${error.code})`));
    child.on('exit', (code, signal) => resolve(code === 0 ? undefined : describeExit(code, signal)));
  });
  clearTimeout(timer);
  signal?.removeEventListener('abort', abort);
  killGroup(child.pid);
  // A process that left the group may hold the pipe for ever: what it prints is nobody's.
  await Promise.race([closed, sleep(FLUSH, undefined, { ref: false })]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  fault ??= exit;
  return { ...(fault === undefined ? {} : { fault }), output: Buffer.concat(chunks) };
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nobody of the group is left
  }
}
