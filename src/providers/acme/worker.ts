import type { FromWorker, ToWorker } from './messages.ts';
import { OrderError, order } from './order.ts';

/**
 * The process that orders one certificate: what it needs of memory and what it loads of others' code go with it, and
 * it sees no key but the account's. It ends with the daemon that started it.
 */
let answered: ((error?: string) => void) | undefined;

process.on('disconnect', () => process.exit());
process.on('message', async (message: ToWorker) => {
  if (message.type === 'answered') return answered?.(message.error);
  try {
    tell({ type: 'chain', chain: await order(message.order, answer) });
  } catch (error) {
    if (!(error instanceof OrderError)) throw error;
    const { message: text, retryAfter } = error;
    tell({ type: 'failed', text, ...(retryAfter === undefined ? {} : { retryAfter }) });
  }
});

/** One at a time. */
function answer(host: string, value: string): Promise<void> {
  return new Promise((resolve, reject) => {
    answered = (error) => (error === undefined ? resolve() : reject(new Error(error)));
    tell({ type: 'answer', host, value });
  });
}

function tell(message: FromWorker): void {
  process.send?.(message);
}
