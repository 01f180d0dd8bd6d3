import type { Layout } from '../model/layout.ts';
import { call, NoDaemon } from '../server/client.ts';

/** Of the code that a site's daemon runs; undefined where none runs. */
export async function daemonVersion(layout: Layout): Promise<string | undefined> {
  try {
    return (await call(layout.socket, 'ping', {})).version;
  } catch (error) {
    if (error instanceof NoDaemon) return undefined;
    throw error;
  }
}
