import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Bounds } from './bounds.ts';

/** What the portal remembers for some minutes for a browser, which holds nothing but an id. */
export interface Moments {
  /** Remembers a value; returns the id, 256 bits, base64url. */
  keep(kind: string, value: unknown, life: number): string;
  /** Gives it once. */
  take<T>(kind: string, id: string | undefined): T | undefined;
  look<T>(kind: string, id: string | undefined): T | undefined;
}

export function momentsOf(db: DatabaseSync, now: () => number, bounds: Bounds): Moments {
  const put = db.prepare('INSERT INTO moment (kind, id, value, expires) VALUES (?, ?, ?, ?)');
  const look = db.prepare('SELECT value FROM moment WHERE kind = ? AND id = ? AND expires > ?');
  const take = db.prepare('DELETE FROM moment WHERE kind = ? AND id = ? AND expires > ? RETURNING value');

  return {
    keep(kind, value, life) {
      const id = randomBytes(32).toString('base64url');
      put.run(kind, hashOf(id), JSON.stringify(value), now() + life);
      bounds.added();
      return id;
    },
    take: (kind, id) => valueIn(id && take.get(kind, hashOf(id), now())),
    look: (kind, id) => valueIn(id && look.get(kind, hashOf(id), now())),
  };
}

/** A copy of the database lets nobody go on with what a browser began. */
function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}

function valueIn<T>(row: Record<string, unknown> | undefined | ''): T | undefined {
  return row ? (JSON.parse(String(row.value)) as T) : undefined;
}
