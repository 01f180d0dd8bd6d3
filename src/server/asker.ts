import type { ServerResponse } from 'node:http';

/** Who said a verb, and how what is told to them goes on its way. */
export interface Asker {
  /** `alice`, `root`. */
  who: string;
  how: 'console' | 'command' | 'portal';
  /** Fires when nobody listens any more, or the right to is over. */
  gone: AbortSignal;
  /** Resolves when what was told has left this process, but for some kilobytes. What goes on without end waits for it. */
  ready(): Promise<void>;
}

/** Header by which a command says who runs it. Only root reaches the socket it comes by, so it is believed. */
export const CALLER = 'x-allod-caller';

const NAME = /^[\x21-\x7e]{1,64}$/;

/** Who asks over the socket that root alone reaches. */
export function askerOf(named: string | string[] | undefined, response: ServerResponse): Asker {
  const who = typeof named === 'string' && NAME.test(named) ? named : 'root';
  return { who, how: 'command', ...listening(response) };
}

/** The portal, which says for whom it asks in the request itself. */
export function portalAsker(response: ServerResponse): Asker {
  return { who: 'portal', how: 'portal', ...listening(response) };
}

function listening(response: ServerResponse): Pick<Asker, 'gone' | 'ready'> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return { gone: gone.signal, ready: () => drained(response) };
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

/** Who asks within this process: a command that does by itself what a daemon would, or the daemon itself. */
export function askerHere(who: string, how: Asker['how'] = 'command'): Asker {
  return { who, how, gone: new AbortController().signal, ready: async () => {} };
}
