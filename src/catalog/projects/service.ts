import { z } from 'zod';
import { database } from '../../contracts/database.ts';
import { directoryBind } from '../../contracts/directory-bind.ts';
import { httpRoute } from '../../contracts/http-route.ts';
import { secret } from '../../contracts/secret.ts';
import { defineService } from '../../contracts/service.ts';
import { volume } from '../../contracts/volume.ts';
import { type FileSpec, text } from '../../model/files.ts';
import { CACHE, FILES, image, UID } from './image.ts';

/** Largest file a person may attach, MiB. */
const MAX_UPLOAD = 64;

/** Redmine: projects, issues, wikis; people sign in with their password of the directory. */
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
      directory: directoryBind({ why: 'people sign in with the password they have everywhere' }),
      attachments: volume({ name: 'attachments', owner: UID, why: 'files people attach' }),
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
    const { database: db, directory } = got;
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
      directory: {
        host: directory.host,
        port: directory.port,
        account: directory.bind,
        account_password: directory.password,
        base_dn: directory.people,
        attr_login: 'uid',
        attr_firstname: 'displayName',
        attr_lastname: 'sn',
        attr_mail: 'mail',
        filter: '(objectClass=inetOrgPerson)',
        timeout: 10,
      },
    };
    const files: FileSpec[] = [
      { path: 'database.yml', content: { format: 'yaml', data: { production } } },
      {
        path: 'configuration.yml',
        content: { format: 'yaml', data: { production: { database_cipher_key: got.cipher.ref } } },
      },
      { path: 'secret_key.txt', content: text`${got.session.ref}` },
      { path: 'site.json', content: { format: 'json', data: siteData } },
      { path: 'ca.pem', content: text`${directory.ca}` },
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
          reload: { how: 'restart' },
        },
      ],
      probe: { kind: 'https', host, path: '/login', status: [200] },
      // The first start makes the schema in some 300 steps.
      startSeconds: 180,
    };
  },
});

/** Nobody reads without an account, accounts come from the directory alone, and so do passwords. */
const ENFORCED = { login_required: '1', self_registration: '0', lost_password: '0', unsubscribe: '0' };
