import { z } from 'zod';
import { PersonFault } from '../../util/errors.ts';
import type { Verbs } from './verb.ts';

const nothing = z.strictObject({});

export const sessionVerbs: Verbs<'sessions' | 'endSession' | 'signOutEverywhere'> = {
  sessions: {
    request: nothing,
    async answer({ portal: { sessions, config }, account, session }) {
      const titles = new Map(config.clients.map(({ id, title }) => [id, title]));
      return {
        sessions: sessions.of(account.id).map(({ uid, device, address, since, last, clients }) => ({
          ...{ id: uid, here: uid === session.uid, device, address, since, seen: last },
          services: clients.map((id) => titles.get(id) ?? id),
        })),
      };
    },
  },
  endSession: {
    request: z.strictObject({ id: z.string().max(64) }),
    async answer({ portal: { sessions, elevations }, account }, { id }) {
      if (!sessions.of(account.id).some(({ uid }) => uid === id))
        throw new PersonFault({
          where: 'session',
          message: 'expected one of yours; try loading the page again',
        });
      await sessions.end(id);
      await elevations.lower(id).catch(() => {}); // ends by itself
      return {};
    },
  },
  signOutEverywhere: {
    request: nothing,
    async answer({ portal: { sessions, elevations }, account }) {
      const uids = sessions.of(account.id).map(({ uid }) => uid);
      await sessions.endAll(account.id);
      await Promise.allSettled(uids.map((uid) => elevations.lower(uid)));
      return {};
    },
  },
};
