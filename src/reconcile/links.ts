import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Link, LinkKind } from '../model/people.ts';
import { createPrivate } from '../util/create-private.ts';

const DAY = 86_400_000;
/** How long each kind is good for, ms. */
const LIFE: Record<LinkKind, number> = { invitation: 7 * DAY, reset: DAY };
/** How long a link that nobody can use any more is remembered, ms: whoever comes late is told why. */
const REMEMBERED = 30 * DAY;

/** What the maker of a link says; who administers stands in the site file. */
export type NewLink = Pick<Link, 'kind' | 'name' | 'displayName' | 'mail' | 'groups' | 'by'>;
/** A link as it is kept. */
export type KeptLink = Omit<Link, 'administrator'>;

/** Why a token opens nothing. */
export type Useless = 'spent' | 'over' | 'unknown';

export type Looked = { standing: 'open' | 'spent'; link: KeptLink } | { standing: 'over' | 'unknown' };

/**
 * Links by which people come in. A token is 256 random bits and known to who has the link alone; here is its SHA-256,
 * which nobody can make a token from. Times are ms since 1970.
 */
export interface Links {
  /** In place of an open one of the same kind for the same name. The token is not told again. */
  make(link: NewLink, now: number): { link: KeptLink; token: string };
  /** The open ones, oldest first. */
  open(now: number): KeptLink[];
  /** How it is about a token, in the same time for any; with its link where it is open, or was used. */
  look(token: string, now: number): Looked;
  /** True for one caller alone, however many come at once. */
  claim(id: string, now: number): boolean;
  /** What it was claimed for did not come about: it can be used again. */
  giveBack(id: string): void;
  /** False where no open one has this id. */
  withdraw(id: string, now: number): boolean;
  /** All open ones for a name, or those of one kind. */
  withdrawOf(name: string, kind?: LinkKind): void;
  close(): void;
}

interface Row {
  id: string;
  hash: Uint8Array;
  kind: LinkKind;
  name: string;
  display_name: string | null;
  mail: string | null;
  groups: string;
  made_by: string;
  created: number;
  until: number;
  spent: number | null;
}

/** In a database that others have open too; makes its table where it is not there. */
export function openLinks(file: string): Links {
  createPrivate(file);
  const db = new DatabaseSync(file, { timeout: 5000 });
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS link (
      id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL,
      display_name TEXT, mail TEXT, groups TEXT NOT NULL, made_by TEXT NOT NULL,
      created INTEGER NOT NULL, until INTEGER NOT NULL, spent INTEGER
    ) STRICT;
  `);
  const insert = db.prepare(`
    INSERT INTO link (id, hash, kind, name, display_name, mail, groups, made_by, created, until)
    VALUES (:id, :hash, :kind, :name, :displayName, :mail, :groups, :by, :created, :until)`);
  const all = db.prepare('SELECT * FROM link ORDER BY created, id');
  const spend = db.prepare('UPDATE link SET spent = :now WHERE id = :id AND spent IS NULL AND until > :now');
  const unspend = db.prepare('UPDATE link SET spent = NULL WHERE id = ?');
  const drop = db.prepare('DELETE FROM link WHERE id = :id AND spent IS NULL AND until > :now');
  const dropOf = db.prepare('DELETE FROM link WHERE name = ? AND spent IS NULL');
  const dropKind = db.prepare('DELETE FROM link WHERE name = ? AND kind = ? AND spent IS NULL');
  const trim = db.prepare('DELETE FROM link WHERE coalesce(spent, until) < ?');

  const rows = () => all.all() as unknown as Row[];
  return {
    make({ kind, name, displayName, mail, groups, by }, now) {
      const token = randomBytes(32).toString('base64url');
      const id = randomBytes(6).toString('hex');
      const link = { id, kind, name, groups, by, created: now, until: now + LIFE[kind] };
      trim.run(now - REMEMBERED);
      dropKind.run(name, kind);
      insert.run({
        ...link,
        hash: hashOf(token),
        displayName: displayName ?? null,
        mail: mail ?? null,
        groups: JSON.stringify(groups),
      });
      return { token, link: { ...link, ...(displayName ? { displayName } : {}), ...(mail ? { mail } : {}) } };
    },
    open: (now) => rows().flatMap((row) => (standingOf(row, now) === 'open' ? [linkOf(row)] : [])),
    look(token, now) {
      const hash = hashOf(token);
      // All of them, not a search by the hash: how long it takes tells nothing.
      const [row] = rows().filter((other) => timingSafeEqual(other.hash, hash));
      if (!row) return { standing: 'unknown' };
      const standing = standingOf(row, now);
      return standing === 'over' ? { standing } : { standing, link: linkOf(row) };
    },
    claim: (id, now) => spend.run({ id, now }).changes === 1,
    giveBack(id) {
      unspend.run(id);
    },
    withdraw: (id, now) => drop.run({ id, now }).changes === 1,
    withdrawOf(name, kind) {
      if (kind) dropKind.run(name, kind);
      else dropOf.run(name);
    },
    close: () => db.close(),
  };
}

function standingOf({ spent, until }: Row, now: number): Exclude<Looked['standing'], 'unknown'> {
  if (spent !== null) return 'spent';
  return until > now ? 'open' : 'over';
}

function linkOf(row: Row): KeptLink {
  const { id, kind, name, display_name, mail, groups, made_by, created, until } = row;
  return {
    ...{ id, kind, name },
    ...(display_name === null ? {} : { displayName: display_name }),
    ...(mail === null ? {} : { mail }),
    groups: JSON.parse(groups) as string[],
    ...{ by: made_by, created, until },
  };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
