import type { DatabaseSync } from 'node:sqlite';
import type Provider from 'oidc-provider';
import { messageOf } from '../../util/errors.ts';
import type { Settings } from '../settings.ts';

/** One browser somebody is signed in with. */
export interface SessionRow {
  /** Stays the same while the id in the cookie changes, and lets nobody in. */
  uid: string;
  device: string;
  address: string;
  since: number;
  last: number;
  /** Ids of clients signed in to. */
  clients: string[];
}

export interface Sessions {
  /** Notes that a session is in use; keeps it alive. */
  seen(uid: string, account: string, from: { device: string; address: string }): void;
  /** Of which password a session is: `Account.passwordSince` at the proof. */
  prove(uid: string, since: string): void;
  /** Whether it is of the password there is now. One that was never heard of is, from now on. */
  isOf(uid: string, since: string): boolean;
  of(account: string): SessionRow[];
  /** Ids of everybody with a session, or a sign-in that has yet to be gone on with. */
  accounts(): string[];
  /** Ends it here and at every service signed in to with it. */
  end(uid: string): Promise<void>;
  /** Sign-ins that have yet to be gone on with too. */
  endAll(account: string, except?: string): Promise<void>;
  /** Those of another password. */
  endOthers(account: string, since: string): Promise<void>;
  /** Ends it at one service alone. */
  endAt(uid: string, clientId: string): Promise<void>;
}

interface TellsLogout {
  backchannelLogout(account: string, sid: string): Promise<void>;
}

/** Pauses before a service that did not take a logout is told again, ms. */
const AGAIN = [2_000, 15_000, 120_000];

export function sessionsOf(
  db: DatabaseSync,
  provider: () => Provider,
  { now, log, sessionLife }: Pick<Settings, 'now' | 'log' | 'sessionLife'>,
): Sessions {
  const note = db.prepare(
    `INSERT INTO seen (uid, account, device, address, since, last) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (uid) DO UPDATE SET account = excluded.account, device = excluded.device,
       address = excluded.address, last = excluded.last`,
  );
  const prolong = db.prepare(
    `UPDATE model SET expires = ?, payload = json_set(payload, '$.exp', ?) WHERE kind = 'Session' AND uid = ?`,
  );
  const list = db.prepare(
    `SELECT m.uid, m.payload, s.device, s.address, s.since, s.last FROM model m LEFT JOIN seen s ON s.uid = m.uid
     WHERE m.kind = 'Session' AND m.account = ? AND (m.expires IS NULL OR m.expires > ?) ORDER BY s.last DESC`,
  );
  const accounts = db.prepare(
    `SELECT account FROM model WHERE kind = 'Session' AND account IS NOT NULL
     UNION SELECT payload ->> '$.result.login.accountId' FROM model
       WHERE kind = 'Interaction' AND payload ->> '$.result.login.accountId' IS NOT NULL
     UNION SELECT value ->> '$.account' FROM moment WHERE kind = 'half'`,
  );
  const dropWaiting = db.prepare(
    `DELETE FROM model WHERE kind = 'Interaction' AND payload ->> '$.result.login.accountId' = ?`,
  );
  const dropHalves = db.prepare(`DELETE FROM moment WHERE kind = 'half' AND value ->> '$.account' = ?`);
  const prove = db.prepare('INSERT OR REPLACE INTO proved (uid, since) VALUES (?, ?)');
  const proved = db.prepare('SELECT since FROM proved WHERE uid = ?');
  const dropSeen = db.prepare('DELETE FROM seen WHERE uid = ?');
  const dropGrant = db.prepare(`DELETE FROM model WHERE grant_id = ? OR (kind = 'Grant' AND id = ?)`);
  const lastSeen = db.prepare('SELECT last, address, device FROM seen WHERE uid = ? AND account = ?');

  async function tell(clientId: string, account: string, sid: string, again = AGAIN): Promise<void> {
    const client = await provider().Client.find(clientId);
    if (!client?.backchannelLogoutUri) return;
    try {
      // Not in the types; see lib/actions/end_session.js, which does the same for the session of a request.
      await (client as unknown as TellsLogout).backchannelLogout(account, sid);
    } catch (error) {
      log(`${clientId} did not take a logout: ${messageOf(error)}`);
      const [pause, ...rest] = again;
      if (pause) setTimeout(() => void tell(clientId, account, sid, rest), pause).unref();
    }
  }

  async function end(uid: string): Promise<void> {
    const session = await provider().Session.findByUid(uid);
    if (!session) return;
    const { accountId = '', authorizations = {} } = session;
    await session.destroy(); // first: whatever a service does, it is over here
    dropSeen.run(uid);
    await Promise.all(
      Object.entries(authorizations).map(([clientId, { sid, grantId }]) => {
        if (grantId) dropGrant.run(grantId, grantId);
        return tell(clientId, accountId, sid ?? '');
      }),
    );
  }

  const uidsOf = (account: string) => list.all(account, now()).map(({ uid }) => String(uid));

  function isOf(uid: string, since: string): boolean {
    const row = proved.get(uid);
    if (!row) prove.run(uid, since);
    return !row || row.since === since;
  }

  return {
    isOf,
    prove: (uid, since) => void prove.run(uid, since),
    seen(uid, account, { device, address }) {
      const row = lastSeen.get(uid, account) as { last: number; address: string; device: string } | undefined;
      if (row && row.address === address && row.device === device && now() - row.last < 30_000) return;
      note.run(uid, account, device, address, now(), now());
      prolong.run(now() + sessionLife, Math.floor((now() + sessionLife) / 1000), uid);
    },
    of: (account) =>
      list.all(account, now()).map((row) => ({
        uid: String(row.uid),
        device: String(row.device ?? ''),
        address: String(row.address ?? ''),
        since: Number(row.since ?? 0),
        last: Number(row.last ?? 0),
        clients: Object.keys(
          (JSON.parse(String(row.payload)) as { authorizations?: object }).authorizations ?? {},
        ),
      })),
    accounts: () => accounts.all().map(({ account }) => String(account)),
    end,
    async endAll(account, except) {
      dropWaiting.run(account);
      dropHalves.run(account);
      await Promise.all(
        uidsOf(account)
          .filter((uid) => uid !== except)
          .map(end),
      );
    },
    async endOthers(account, since) {
      await Promise.all(
        uidsOf(account)
          .filter((uid) => !isOf(uid, since))
          .map(end),
      );
    },
    async endAt(uid, clientId) {
      const session = await provider().Session.findByUid(uid);
      const held = session?.authorizations?.[clientId];
      if (!session || !held) return;
      delete session.authorizations?.[clientId];
      await session.persist();
      if (held.grantId) dropGrant.run(held.grantId, held.grantId);
      await tell(clientId, session.accountId ?? '', held.sid ?? '');
    },
  };
}

const BROWSERS: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPad\b/, 'iPad'],
  [/\biPhone\b/, 'iPhone'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** `Firefox on Android`, from the User-Agent header; only words of ours. */
export function deviceOf(agent: string): string {
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent))?.[1] ?? 'A browser';
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  return system ? `${browser} on ${system}` : browser;
}
