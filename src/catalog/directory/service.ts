import { z } from 'zod';
import { siteCa } from '../../contracts/certificate.ts';
import type { DirectoryBindResult } from '../../contracts/directory-bind.ts';
import { secret } from '../../contracts/secret.ts';
import { type Context, defineService, type Fulfilment } from '../../contracts/service.ts';
import { tlsPort } from '../../contracts/tls-port.ts';
import { volume } from '../../contracts/volume.ts';
import { type SecretRef, secretRef } from '../../model/secret.ts';
import { baseDn } from '../../util/dn.ts';
import { appPasswordsFor } from './app-passwords.ts';
import { baseTree, slapdConf } from './config.ts';
import { rootSearch } from './probe.ts';
import { start } from './start.ts';

const UID = 10389;
const PORT = 389;
const TLS_PORT = 636;

/** OpenLDAP: people, groups and password hashes; services read it by a bind of their own. */
export const service = defineService({
  type: 'directory',
  title: 'People and groups',
  settings: z.strictObject({}),
  images: [
    {
      name: 'directory',
      packages: ['slapd'],
      users: [{ name: 'openldap', uid: UID, home: '/var/lib/ldap' }],
      files: { '/usr/lib/allod/directory-start': { mode: 0o755, text: start } },
      // The package makes a database with a random password of its own; ours is in the volume.
      run: ['rm -rf /etc/ldap/slapd.d /var/lib/ldap/*'],
    },
  ],
  requests: (context) => ({
    admin: secret({ name: 'admin-password', why: 'the daemon adds people and service binds' }),
    data: volume({ name: 'data', owner: UID, why: 'people and groups live here' }),
    tls: tlsPort({
      host: innerName(context),
      port: TLS_PORT,
      target: PORT,
      why: 'services read people over TLS only',
    }),
  }),
  workload: (context, got) => ({
    containers: [
      {
        name: 'app',
        image: 'directory',
        command: ['/usr/lib/allod/directory-start'],
        user: UID,
        memory: 256,
        files: [
          { path: 'slapd.conf', content: slapdConf(baseDn(context.site.domain), got.admin.ref) },
          { path: 'base.ldif', content: baseTree(context.site.domain) },
        ],
        mounts: [{ volume: got.data.volume, path: '/var/lib/ldap' }],
        scratch: [],
        reload: { how: 'restart' },
      },
    ],
    probe: {
      kind: 'exchange',
      port: TLS_PORT,
      tls: innerName(context),
      ...rootSearch(baseDn(context.site.domain)),
    },
    startSeconds: 30,
  }),
  resources: ({ site }) => [
    {
      kind: 'account',
      name: 'group/administrators',
      spec: { members: site.administrators },
      rule: 'administrators',
      sentence: 'those the site file names administer the site, nobody else',
    },
  ],
  provides: {
    contracts: ['app-passwords', 'directory-bind'],
    fulfil(provider, consumer, requests): Fulfilment {
      const password = secretRef(`${consumer.service.id}/directory-bind`);
      const asked = Object.entries(requests).filter(([, request]) => request.contract === 'directory-bind');
      const apps = appPasswordsFor(provider, consumer, requests);
      const binds = asked.map(([key]) => [key, bindOf(provider, consumer, password)]);
      return {
        results: { ...apps.results, ...Object.fromEntries(binds) },
        requests: {
          'directory-bind': secret({
            name: 'directory-bind',
            why: 'the password of its bind to the directory',
          }),
        },
        resources: [
          {
            kind: 'account',
            name: consumer.service.id,
            spec: { password },
            rule: 'directory-bind',
            sentence: `${consumer.service.id} reads people with a bind of its own`,
          },
          ...apps.resources,
        ],
        allow: [
          {
            from: consumer.service.id,
            to: provider.service.id,
            port: TLS_PORT,
            protocol: 'tcp',
            why: `${consumer.service.id} checks the passwords of people`,
          },
        ],
      };
    },
  },
});

function bindOf(provider: Context, consumer: Context, password: SecretRef): DirectoryBindResult {
  const base = baseDn(provider.site.domain);
  return {
    host: innerName(provider),
    port: TLS_PORT,
    base,
    people: `ou=people,${base}`,
    groups: `ou=groups,${base}`,
    bind: `cn=${consumer.service.id},ou=services,${base}`,
    password,
    ca: siteCa,
  };
}

/** The name services know it by, in its certificate; people never see it, so `host` does not change it. */
function innerName({ site, service }: Context): string {
  return `${service.id}.${site.domain}`;
}
