import type { OpenSite } from '../../cli/context.ts';
import { progressView } from '../../cli/progress.ts';
import type { RehearsalReport } from '../../model/rehearsal.ts';
import type { Catalog } from '../../plan/resolve.ts';
import { call, NoDaemon } from '../../server/client.ts';
import { checkRequest } from './networks.ts';
import { rehearse } from './rehearse.ts';

/** `renumber --rehearse`: how far it is goes to `err`. */
export async function rehearseSite(
  site: OpenSite,
  catalog: Catalog,
  options: { pool?: string; address?: string; cut?: boolean },
  err: NodeJS.WriteStream,
): Promise<RehearsalReport> {
  const request = checkRequest(options);
  return await rehearse(site, catalog, request, await memoryOf(site), {
    say: (text) => err.write(`${text}\n`),
    async shown(work) {
      const view = progressView(err);
      try {
        return await work(view.show);
      } finally {
        view.end();
      }
    },
  });
}

/** Bytes that each service of the site takes, as far as a daemon knows it. */
async function memoryOf({ layout }: OpenSite): Promise<Map<string, number>> {
  try {
    const { services } = await call(layout.socket, 'status', {});
    return new Map(
      services.flatMap(({ id, memoryBytes }) => (memoryBytes === null ? [] : [[id, memoryBytes]])),
    );
  } catch (error) {
    if (error instanceof NoDaemon) return new Map();
    throw error;
  }
}
