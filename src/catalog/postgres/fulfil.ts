import { siteCa } from '../../contracts/certificate.ts';
import type { Requests } from '../../contracts/contracts.ts';
import type { DatabaseRequest, DatabaseResult } from '../../contracts/database.ts';
import { login } from '../../contracts/login.ts';
import { secret } from '../../contracts/secret.ts';
import type { Context, Fulfilment } from '../../contracts/service.ts';
import { type DatabaseSpec, loginRefs } from '../../model/database.ts';
import { fingerprint } from '../../model/fingerprint.ts';
import { secretRef } from '../../model/secret.ts';
import { POOLER_PORT, pooler } from './pooler.ts';

/** Databases, owner and login for one consumer, and the pooler in its pod. */
export function fulfil(provider: Context, consumer: Context, requests: Requests): Fulfilment {
  const { id } = consumer.service;
  const local = { user: id, password: secretRef(`${id}/database-local`) };
  const console = secretRef(`${id}/database-console`);
  const wanted = Object.entries(requests).filter(
    (entry): entry is [string, DatabaseRequest] => entry[1].contract === 'database',
  );
  const databases = wanted.map(([, { name, pooling = 'transaction' }]) => ({
    name,
    onServer: identifier(`${id}_${name}`),
    pooling,
  }));
  const held = { owner: identifier(id), databases: databases.map(({ onServer }) => onServer) };
  const spec: DatabaseSpec = { ...held, login: loginRefs(id), times: provider.site.secrets.logins };
  return {
    results: Object.fromEntries(
      wanted.map(([key, { name }]): [string, DatabaseResult] => [
        key,
        { host: '127.0.0.1', port: POOLER_PORT, database: name, ...local },
      ]),
    ),
    containers: [
      pooler({ address: provider.address(), databases, local, console, login: spec.login, ca: siteCa }),
    ],
    requests: {
      console: secret({
        name: 'database-console',
        why: 'this machine tells the pooler of new logins with it',
      }),
      local: secret({ name: 'database-local', why: 'the app logs in to the pooler in its pod with it' }),
      login: login({ ...held, why: 'the pooler logs in to the database server with it' }),
    },
    resources: [
      {
        kind: 'database',
        name: id,
        spec,
        rule: 'database',
        sentence: wanted.map(([, { why }]) => why).join('; '),
      },
    ],
    allow: [
      {
        from: id,
        to: provider.service.id,
        port: 5432,
        protocol: 'tcp',
        why: 'the pooler connects to the database server',
      },
    ],
  };
}

/** Service ids have no underscore, so `id_name` is unambiguous; PostgreSQL keeps 63 bytes of a name. */
function identifier(name: string): string {
  return name.length <= 63 ? name : `${name.slice(0, 46)}_${fingerprint(name)}`;
}
