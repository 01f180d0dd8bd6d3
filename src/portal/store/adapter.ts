import type { DatabaseSync } from 'node:sqlite';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Bounds } from './bounds.ts';

const OF_NOBODY = ['Interaction', 'Session'];

/**
 * What oidc-provider keeps, in SQLite: one table for all its kinds.
 * https://github.com/panva/node-oidc-provider/blob/v9.x/example/my_adapter.js
 */
export function adapterOf(db: DatabaseSync, now: () => number, bounds: Bounds): (kind: string) => Adapter {
  const find = db.prepare(
    'SELECT payload FROM model WHERE kind = ? AND id = ? AND (expires IS NULL OR expires > ?)',
  );
  const byUid = db.prepare(
    'SELECT payload FROM model WHERE kind = ? AND uid = ? AND (expires IS NULL OR expires > ?)',
  );
  const put = db.prepare(
    `INSERT INTO model (kind, id, payload, grant_id, uid, account, expires) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
       uid = excluded.uid, account = excluded.account, expires = excluded.expires`,
  );
  const consume = db.prepare(
    `UPDATE model SET payload = json_set(payload, '$.consumed', ?)
     WHERE kind = ? AND id = ? AND payload ->> '$.consumed' IS NULL`,
  );
  const destroy = db.prepare('DELETE FROM model WHERE kind = ? AND id = ?');
  const revoke = db.prepare('DELETE FROM model WHERE grant_id = ?');

  return (kind) => ({
    async upsert(id, payload, ttl) {
      const { grantId = null, uid = null, accountId = null } = payload;
      const expires = ttl ? now() + ttl * 1000 : null;
      put.run(
        kind,
        id,
        JSON.stringify(payload),
        grantId,
        kind === 'Session' ? uid : null,
        accountId,
        expires,
      );
      if (accountId === null && OF_NOBODY.includes(kind)) bounds.added();
    },
    async find(id) {
      return payloadOf(find.get(kind, id, now()));
    },
    async findByUid(uid) {
      return payloadOf(byUid.get(kind, uid, now()));
    },
    async findByUserCode() {
      return undefined; // of the device flow, which is off
    },
    async consume(id) {
      // oidc-provider looked some steps before: of two at once, one has it.
      const { changes } = consume.run(Math.floor(now() / 1000), kind, id);
      if (changes === 0) throw new errors.InvalidGrant('it was used already');
    },
    async destroy(id) {
      destroy.run(kind, id);
    },
    async revokeByGrantId(grantId) {
      revoke.run(grantId);
    },
  });
}

function payloadOf(row: Record<string, unknown> | undefined): AdapterPayload | undefined {
  return row && (JSON.parse(String(row.payload)) as AdapterPayload);
}
