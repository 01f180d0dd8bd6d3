import { z } from 'zod';
import { appPasswords } from '../../contracts/app-passwords.ts';
import { directoryBind } from '../../contracts/directory-bind.ts';
import { dnsRecord } from '../../contracts/dns-record.ts';
import { httpRoute } from '../../contracts/http-route.ts';
import { personalData } from '../../contracts/personal-data.ts';
import { defineService } from '../../contracts/service.ts';
import { tile } from '../../contracts/tile.ts';
import { volume } from '../../contracts/volume.ts';
import { LIVE, text } from '../../model/files.ts';
import type { Site, SiteService } from '../../model/site.ts';
import { BY_NAME, CA, MAX_BODY, PORT, radicaleConfig } from './config.ts';
import { login, start } from './python.ts';

const UID = 10052;

/** An address book with a person on it. */
const ICON =
  'M6 2h13a1 1 0 0 1 1 1v18a1 1 0 0 1-1 1H6a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2zM12 6.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM12 13c-2.8 0-4.5 1.5-4.5 3.5v1h9v-1c0-2-1.7-3.5-4.5-3.5z';

/** Radicale: address books and calendars over CardDAV and CalDAV, people from the directory. */
export const service = defineService({
  type: 'contacts',
  title: 'Contacts and calendars',
  settings: z.strictObject({}),
  images: [
    {
      name: 'radicale',
      packages: ['radicale', 'python3-ldap3'],
      users: [{ name: 'radicale', uid: UID, home: '/var/lib/radicale' }],
      files: {
        '/usr/lib/allod/contacts.py': { mode: 0o644, text: start },
        '/usr/lib/allod/directory_login.py': { mode: 0o644, text: login },
      },
      run: [],
    },
  ],

  requests({ site, service }) {
    const protocols = standsForDomain(site, service) ? ['carddav', 'caldav'] : [];
    return {
      route: httpRoute({
        host: service.host,
        port: PORT,
        maxBody: MAX_BODY,
        why: 'phones and mail programs keep address books and calendars here',
      }),
      people: directoryBind({ why: 'who signs in is asked of the directory' }),
      devices: appPasswords({
        protocols: ['CardDAV (contacts)', 'CalDAV (calendars)'],
        why: 'each device signs in with a password of its own',
      }),
      tile: tile({
        description: 'Address books and calendars of your devices',
        icon: ICON,
        why: 'people find it on their home page',
      }),
      data: volume({ name: 'collections', owner: UID, why: 'address books and calendars' }),
      byName: personalData({
        where: { volume: 'collections', folder: BY_NAME },
        why: 'collections are called by the names of people',
      }),
      ...Object.fromEntries(protocols.flatMap((kind) => discovery(kind, site.domain, service.host))),
    };
  },

  workload(context, got) {
    return {
      containers: [
        {
          name: 'app',
          image: 'radicale',
          command: ['/usr/bin/python3', '/usr/lib/allod/contacts.py', '--config', `${LIVE}/radicale.ini`],
          user: UID,
          memory: 384,
          files: [
            { path: 'radicale.ini', content: radicaleConfig(got.people, got.devices) },
            { path: CA, content: text`${got.people.ca}` },
          ],
          mounts: [{ volume: got.data.volume, path: '/var/lib/radicale' }],
          scratch: ['/tmp'],
          reload: { how: 'restart' },
        },
      ],
      probe: { kind: 'https', host: context.service.host, path: '/.web/', status: [200] },
      startSeconds: 30,
    };
  },
});

/** A domain leads to one service of a kind: to the one called by its type, else to the first. */
function standsForDomain({ services }: Site, { id, type }: SiteService): boolean {
  const same = services.find((service) => service.type === type && service.id === type);
  const chosen = same ?? services.find((service) => service.type === type);
  return id === (chosen?.id ?? id);
}

/** How a client finds the service from a mail address alone (RFC 6764 sections 3 and 4). */
function discovery(kind: string, domain: string, host: string) {
  const name = `_${kind}s._tcp.${domain}`;
  const why = `a client finds ${kind} from the domain alone (RFC 6764)`;
  return [
    [`${kind}-srv`, dnsRecord({ name, type: 'SRV', values: [`0 1 443 ${host}.`], why })],
    [`${kind}-path`, dnsRecord({ name, type: 'TXT', values: ['"path=/"'], why })],
  ] as const;
}
