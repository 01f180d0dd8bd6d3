import { z } from 'zod';
import { PersonFault } from '../../util/errors.ts';
import { mayUse } from '../directory.ts';
import type { Verbs } from './verb.ts';

const service = z.string().min(1).max(64);

export const deviceVerbs: Verbs<'appPasswords' | 'addAppPassword' | 'removeAppPassword'> = {
  appPasswords: {
    request: z.strictObject({}),
    answer: ({ portal, account }) => portal.daemon.ask('ownPasswords', { name: account.name }),
  },
  addAppPassword: {
    request: z.strictObject({ service, label: z.string().trim().min(1).max(60) }),
    async answer({ portal: { config, daemon }, account }, { service, label }) {
      const device = config.devices.find((one) => one.service === service);
      if (!device || !mayUse(account, device.access)) {
        const usable = config.devices
          .filter(({ access }) => mayUse(account, access))
          .map((one) => one.service);
        const message = `expected a service you may use; got ${service}; try ${usable.join(', ') || 'none: there is none'}`;
        throw new PersonFault({ where: 'service', message });
      }
      return daemon.ask('addOwnPassword', { name: account.name, service, label });
    },
  },
  removeAppPassword: {
    request: z.strictObject({ service, id: z.string().max(64) }),
    answer: ({ portal, account }, { service, id }) =>
      portal.daemon.ask('removeOwnPassword', { name: account.name, service, id }),
  },
};
