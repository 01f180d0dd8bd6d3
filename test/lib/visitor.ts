import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What somebody saw who asked again and again. */
export interface Visit {
  requests: number;
  failed: number;
  /** The longest time without an answer, milliseconds. */
  longest: number;
}

/**
 * A client that asks for a page about five times a second, as curl(1) does: by the resolver of its machine, each address of
 * both families in turn until one answers. A line for each request: when it ended, and curl's exit code.
 */
export class Visitor {
  readonly #file: string;
  readonly #process: ChildProcess;

  constructor(namespace: string, url: string, ca: string, file: string) {
    this.#file = file;
    const loop = `while :; do
  curl --silent --output /dev/null --connect-timeout 1 --max-time 4 --cacert "$1" "$0"
  echo "$(date +%s%3N) $?" >>"$2"
  sleep 0.15
done`;
    const argv = ['netns', 'exec', namespace, 'sh', '-c', loop, url, ca, file];
    this.#process = spawn('ip', argv, { stdio: 'ignore', detached: true });
  }

  /** Ends it. */
  stop(): void {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
  }

  /** What it has seen since a time, ms since 1970. */
  since(start: number): Visit {
    const lines = readFileSync(this.#file, 'utf8').trim().split('\n');
    const seen = lines.map((line) => line.split(' ').map(Number)).filter(([at = 0]) => at >= start);
    let [last, longest] = [start, 0];
    for (const [at = 0, code] of seen) {
      if (code !== 0) continue;
      longest = Math.max(longest, at - last);
      last = at;
    }
    return { requests: seen.length, failed: seen.filter(([, code]) => code !== 0).length, longest };
  }
}
