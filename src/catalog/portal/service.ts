import { daemonSocket } from '../../contracts/daemon-socket.ts';
import { directoryBind } from '../../contracts/directory-bind.ts';
import { httpRoute } from '../../contracts/http-route.ts';
import { secret } from '../../contracts/secret.ts';
import { defineService } from '../../contracts/service.ts';
import { volume } from '../../contracts/volume.ts';
import { text } from '../../model/files.ts';
import { CA, clientSecrets, DATA, PORT, portalConfig } from './config.ts';
import { fulfil } from './fulfil.ts';
import { image, UID } from './image.ts';
import { Settings } from './settings.ts';

/** Seconds a key signs before the next one takes over. */
const KEY_LIFE = 7 * 86_400;

/** Sign-on, people's home page, and the console of administrators. */
export const service = defineService({
  type: 'portal',
  title: 'Home page and sign-on',
  settings: Settings,
  images: [image],
  groupsNamed: ({ clients }) =>
    Object.fromEntries(Object.entries(clients).map(([id, { access = [] }]) => [`clients.${id}`, access])),

  requests({ service }) {
    return {
      route: httpRoute({
        host: service.host,
        port: PORT,
        maxBody: 2,
        why: 'people sign in, see what they may use, and administer the site here',
      }),
      people: directoryBind({ why: 'people sign in with their password of the directory' }),
      daemon: daemonSocket({ why: 'people and administrators have done here what only the daemon can do' }),
      data: volume({ name: 'data', owner: UID, why: 'sessions, passkeys and grants of people' }),
      cookies: secret({
        name: 'cookie-key',
        rotation: { every: KEY_LIFE },
        why: 'signs cookies of sessions',
      }),
      signing: secret({
        name: 'signing-key',
        form: 'jwk',
        rotation: { every: KEY_LIFE },
        why: 'signs what services are told of people',
      }),
      ...clientSecrets(service.settings),
    };
  },

  workload(context, got, received) {
    return {
      containers: [
        {
          name: 'app',
          image: image.name,
          command: ['/usr/bin/node', '--max-semi-space-size=1', '/usr/lib/allod/portal.mjs'],
          user: UID,
          memory: 256,
          files: [
            { path: 'portal.json', content: { format: 'json', data: portalConfig(context, got, received) } },
            { path: CA, content: text`${got.people.ca}` },
          ],
          mounts: [{ volume: got.data.volume, path: DATA }],
          scratch: ['/tmp'],
          daemonSocket: got.daemon.path.replace(/\/[^/]*$/, ''),
          reload: { how: 'signal', signal: 'HUP' },
        },
      ],
      probe: { kind: 'https', host: context.service.host, path: '/health', status: [200] },
      startSeconds: 30,
    };
  },

  provides: { contracts: ['oidc-client', 'tile', 'forward-auth'], hears: ['app-passwords'], fulfil },
});
