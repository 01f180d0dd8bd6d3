import type { ServerResponse } from 'node:http';

/** Who said a verb, and how what is told to them goes on its way. */
export interface Asker {
  /** `alice`, `root`. */
  who: string;
  how: 'console' | 'command' | 'portal';
  /** Fires when nobody listens any more. */
  gone: AbortSignal;
  /** Resolves when what was told has left this process, but for some kilobytes. What goes on without end waits for it. */
  ready(): Promise<void>;
}

/** Header by which a command says who runs it. Only root reaches the socket it comes by, so it is believed. */
export const CALLER = 'x-allod-caller';

const NAME = /^[\x21-\x7e]{1,64}$/;

/** Who asks over the socket that root alone reaches. */
export function askerOf(named: string | string[] | undefined, response: ServerResponse): Asker {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const who = typeof named === 'string' && NAME.test(named) ? named : 'root';
  return { who, how: 'command', gone: gone.signal, ready: () => drained(response) };
}

/** Its end counts too: nothing waits for a client that went away. */
function drained(response: ServerResponse): Promise<void> {
  if (!response.writableNeedDrain || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => {
      response.off('drain', go);
      response.off('close', go);
      resolve();
    };
    response.once('drain', go);
    response.once('close', go);
  });
}

/** Who asks where the command does by itself what a daemon would. */
export function askerHere(who: string): Asker {
  return { who, how: 'command', gone: new AbortController().signal, ready: async () => {} };
}
