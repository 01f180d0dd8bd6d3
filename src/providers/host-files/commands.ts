import { runBounded } from '../../util/run-bounded.ts';
import { scrub } from '../../util/scrub.ts';

export interface CommandOptions {
  /** Milliseconds each may take. */
  timeout: number;
  /** Hears what they print, one line at a time; without it, nobody is told any of it. */
  log?(text: string): void;
  /** What must not be read in it. */
  values: Iterable<string>;
}

/** Bytes of output that are worth a line in the log. */
const LIMIT = 65_536;
const ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

/** Runs commands one after the other, equal ones once. What went wrong with the first that failed, if one did. */
export async function runCommands(
  commands: (string[] | undefined)[],
  { timeout, log, values }: CommandOptions,
): Promise<string | undefined> {
  const distinct = new Map(commands.map((argv) => [JSON.stringify(argv), argv]));
  for (const argv of distinct.values()) {
    if (!argv) continue;
    const { fault, output } = await runBounded(argv, { timeout, limit: LIMIT, env: ENV, both: true });
    const lines = scrub(output.toString('utf8'), values).split('\n').filter(Boolean);
    for (const line of lines) log?.(`${argv[0]}: ${line}`);
    if (fault !== undefined)
      return [`${argv.join(' ')} ${fault}`, ...(log ? lines.slice(-1) : [])].join(': ');
  }
  return undefined;
}
