import { z } from 'zod';
import { database } from '../../contracts/database.ts';
import { httpRoute } from '../../contracts/http-route.ts';
import { oidcClient } from '../../contracts/oidc-client.ts';
import { personalData } from '../../contracts/personal-data.ts';
import { secret } from '../../contracts/secret.ts';
import { defineService } from '../../contracts/service.ts';
import { tile } from '../../contracts/tile.ts';
import { volume } from '../../contracts/volume.ts';
import { type FileSpec, text } from '../../model/files.ts';
import { CACHE, FILES, image, UID } from './image.ts';
import { PUT_AWAY } from './put-away.ts';
import { PATHS } from './sign-on.ts';

/** Largest file a person may attach, MiB. */
const MAX_UPLOAD = 64;

/** Redmine: projects, issues, wikis; people sign in at the portal. */
export const service = defineService({
  type: 'projects',
  title: 'Projects and issues',
  settings: z.strictObject({
    title: z.string().min(1).max(60).default('Projects').describe('Heading of every page.'),
  }),
  images: [image],
  requests({ service }) {
    return {
      route: httpRoute({
        host: service.host,
        port: 3000,
        maxBody: MAX_UPLOAD,
        why: 'people plan their work here',
      }),
      database: database({
        name: 'redmine',
        why: 'projects, issues, wikis and people of the project manager',
      }),
      client: oidcClient({
        redirectPaths: [PATHS.callback],
        backchannelLogoutPath: PATHS.backchannel,
        why: 'people sign in with the account they have everywhere',
      }),
      tile: tile({
        title: service.settings.title,
        description: 'Plan work together: issues, wikis and files',
        icon: ICON,
        why: 'people find it on their home page',
      }),
      attachments: volume({ name: 'attachments', owner: UID, why: 'files people attach' }),
      byName: personalData({
        where: { container: 'app', command: [PUT_AWAY] },
        why: 'accounts there are called by the names of people',
      }),
      session: secret({
        name: 'session-key',
        bits: 512,
        why: 'signs the cookies of people who are signed in',
      }),
      cipher: secret({
        name: 'cipher-key',
        rotation: { never: 'second factors and passwords of repositories that it enciphers would be lost' },
        why: 'enciphers second factors and foreign passwords in the database',
      }),
    };
  },
  workload({ site, service: { host, settings } }, got) {
    const { database: db, client } = got;
    const production = {
      adapter: 'postgresql',
      host: db.host,
      port: db.port,
      database: db.database,
      username: db.user,
      password: db.password,
      encoding: 'unicode',
      pool: 5,
      // The pooler gives a session for one transaction only. Locks of a session have no place in it (one
      // process migrates alone), and statements it prepared would outlive the tables a migration changes.
      advisory_locks: false,
      prepared_statements: false,
    };
    const siteData = {
      domain: site.domain,
      administrators: site.administrators.map((name) => name.toLowerCase()),
      settings: { app_title: settings.title, protocol: 'https', host_name: host, ...ENFORCED },
      defaults: { attachment_max_size: MAX_UPLOAD * 1000, mail_from: `${host.split('.')[0]}@${site.domain}` },
    };
    const signOn = {
      ...{ issuer: client.issuer, client_id: client.clientId },
      redirect_uri: `https://${host}${PATHS.callback}`,
    };
    const files: FileSpec[] = [
      { path: 'database.yml', content: { format: 'yaml', data: { production } } },
      {
        path: 'configuration.yml',
        content: { format: 'yaml', data: { production: { database_cipher_key: got.cipher.ref } } },
      },
      { path: 'secret_key.txt', content: text`${got.session.ref}` },
      { path: 'site.json', content: { format: 'json', data: siteData } },
      { path: 'sign-on.json', content: { format: 'json', data: signOn } },
      { path: 'oidc-secret', content: text`${client.clientSecret}` },
      { path: 'ca.pem', content: text`${client.ca}` },
    ];
    return {
      containers: [
        {
          name: 'app',
          image: image.name,
          command: ['/usr/lib/allod/redmine'],
          user: UID,
          memory: 512,
          files,
          mounts: [{ volume: got.attachments.volume, path: FILES }],
          scratch: ['/tmp', CACHE],
          // It starts anew by itself where more than its secret at the portal has changed.
          reload: { how: 'signal', signal: 'HUP' },
        },
      ],
      // It leads to the portal, and does not ask it: that may be away.
      probe: { kind: 'https', host, path: '/login', status: [303] },
      // The first start makes the schema in some 300 steps.
      startSeconds: 180,
    };
  },
});

/** A board with three columns of cards. */
const ICON =
  'M4 3h16a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM6 7v10h3V7zM10.5 7v6h3V7zM15 7v8h3V7z';

/**
 * Nobody reads without an account, and accounts come from the portal alone: it is asked again after a day, and no key of
 * Redmine's own, which goes on when somebody is shut out of the portal, opens anything. Minutes.
 */
const ENFORCED = {
  ...{ login_required: '1', self_registration: '0', lost_password: '0', unsubscribe: '0' },
  ...{ rest_api_enabled: '0', jsonp_enabled: '0', autologin: '0', session_lifetime: '1440' },
};
