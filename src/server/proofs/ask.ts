import { fork } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Transient } from '../../util/errors.ts';
import { limit } from '../../util/limit.ts';
import type { Question, Verdict } from './messages.ts';

/** Milliseconds a check may take: most of it is loading. */
const LONGEST = 20_000;
/** Characters of a bug's trace that are kept. */
const TRACE = 4000;
const HOME = join(import.meta.dirname, '../../..');

/** Each is a process for half a second: not more than two of them beside the services. */
const inTurn = limit(2);

/** Has a proof checked in a process of its own. Throws Transient where that gives no answer. */
export function askAboutProof(question: Question): Promise<Verdict> {
  return inTurn(() => ask(question));
}

async function ask(question: Question): Promise<Verdict> {
  // By the channel, not by arguments or environment: there may be a secret in it.
  const worker = fork(join(import.meta.dirname, 'worker.ts'), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // What the other side of a proof says is parsed there by others' code: it may read that code, and nothing else.
    execArgv: [
      '--permission',
      `--allow-fs-read=${HOME}/src/*`,
      // Where it is, should it be a link: permissions are of real paths.
      `--allow-fs-read=${realpathSync(join(HOME, 'node_modules'))}/*`,
      `--allow-fs-read=${HOME}/package.json`,
    ],
    env: {},
  });
  const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
  const timer = setTimeout(() => reject(new Transient('the check of a proof did not end')), LONGEST);
  let trace = '';
  worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
    trace = (trace + text).slice(-TRACE);
  });
  worker.on('error', reject);
  worker.on('close', (code, signal) => {
    if (signal) reject(new Transient(`the check of a proof was ended by ${signal}; try again`));
    else reject(new Error(`the check of a proof ended with code ${code}: ${trace}`));
  });
  worker.on('message', (verdict: Verdict) => resolve(verdict));
  worker.send(question, () => {}); // its end is told by `close`
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.kill('SIGKILL');
  }
}
