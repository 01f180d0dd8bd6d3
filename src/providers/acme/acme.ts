import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { messageOf, Transient } from '../../util/errors.ts';
import type { FromWorker, ToWorker, WorkerOrder } from './messages.ts';

/** Milliseconds an order may take. */
const LONGEST = 10 * 60_000;
/** Characters of a bug's trace that are kept. */
const TRACE = 4000;

/** What the zone can say; see `providers/powerdns/challenges.ts`. */
export interface Answers {
  answer(host: string, value: string): Promise<void>;
  withdraw(host: string): Promise<void>;
}

/** A refusal, or a CA that does not answer. */
export class OrderFailed extends Transient {
  /** Seconds, where the CA said so. */
  readonly retryAfter: number | undefined;

  constructor(text: string, retryAfter?: number) {
    super(text);
    this.retryAfter = retryAfter;
  }
}

/** Orders a certificate in a process of its own and returns the chain, PEM. Nothing of it stays in the zone. */
export async function orderByAcme(order: WorkerOrder, zone: Answers): Promise<string> {
  // By the channel, not by arguments or environment: the order holds the account's key.
  const worker = fork(join(import.meta.dirname, 'worker.ts'), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  const hosts = new Set<string>();
  try {
    return await converse(worker, order, async (host, value) => {
      hosts.add(host);
      await zone.answer(host, value);
    });
  } finally {
    worker.kill('SIGKILL');
    for (const host of hosts) await zone.withdraw(host).catch(() => {}); // the next look finds it
  }
}

function converse(
  worker: ChildProcess,
  order: WorkerOrder,
  answer: (host: string, value: string) => Promise<void>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new OrderFailed('the order did not end')), LONGEST);
    let trace = '';
    worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
      trace = (trace + text).slice(-TRACE);
    });
    worker.on('error', reject);
    worker.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal) reject(new OrderFailed(`the order was ended by ${signal}`));
      else reject(new Error(`the worker ended with code ${code}: ${trace}`));
    });
    worker.on('message', async (message: FromWorker) => {
      if (message.type === 'chain') return resolve(message.chain);
      if (message.type === 'failed') return reject(new OrderFailed(message.text, message.retryAfter));
      const error = await answer(message.host, message.value).then(() => undefined, messageOf);
      say(worker, { type: 'answered', ...(error === undefined ? {} : { error }) });
    });
    say(worker, { type: 'order', order });
  });
}

/** A worker that is gone has its end told by `close`. */
function say(worker: ChildProcess, message: ToWorker): void {
  worker.send(message, () => {});
}
