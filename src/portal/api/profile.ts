import { z } from 'zod';
import type { ServiceState } from '../../model/status.ts';
import { messageOf } from '../../util/errors.ts';
import { mayUse } from '../directory.ts';
import { type Asking, isAdministrator, type Verbs } from './verb.ts';

const nothing = z.strictObject({});

export const profileVerbs: Verbs<'me' | 'saveProfile'> = {
  me: {
    request: nothing,
    async answer(asking) {
      const { portal, account, session } = asking;
      const { config, elevations } = portal;
      const { name, displayName, mail } = account;
      const states = await statesOf(asking);
      const elevated = elevations.of(session.uid)?.until;
      return {
        ...{ name, displayName, administrator: isAdministrator(asking) },
        ...(mail ? { mail } : {}),
        ...(elevated ? { elevated } : {}),
        ...{ title: config.title, domain: config.domain },
        tiles: config.tiles
          .filter(({ access }) => mayUse(account, access))
          .map((tile) => ({ ...tile, state: states.get(tile.service) ?? 'stopped' })),
        devices: config.devices.filter(({ access }) => mayUse(account, access)),
      };
    },
  },
  saveProfile: {
    request: z.strictObject({
      displayName: z.string().max(128).exactOptional(),
      mail: z.string().max(254).exactOptional(),
    }),
    async answer({ portal, account }, { displayName, mail }) {
      await portal.daemon.ask('changeProfile', {
        name: account.name,
        ...(displayName === undefined ? {} : { displayName }),
        ...(mail === undefined ? {} : { mail }),
      });
      portal.people.forget(account.id);
      return {};
    },
  },
};

/** Without the daemon people still find their services; what is not known to run is not said to. */
async function statesOf({ portal }: Asking): Promise<Map<string, ServiceState>> {
  try {
    const { services } = await portal.daemon.ask('overview', {});
    return new Map(services.map(({ id, state }) => [id, state]));
  } catch (error) {
    portal.settings.log(messageOf(error));
    return new Map(portal.config.tiles.map(({ service }) => [service, 'starting']));
  }
}
