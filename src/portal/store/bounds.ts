import type { DatabaseSync } from 'node:sqlite';

/*
 * What a browser leaves that nobody has signed in with: sign-ins that were begun, sessions of nobody, challenges. Whoever
 * may knock at the door makes as many as they like, so the oldest go. A sign-in that was proved stays longest.
 */

/** Of each kind. A household begins some dozens an hour. */
export const MOST_OF_NOBODY = 5000;
/** New ones between looks at how many there are. */
const LOOK_EVERY = 200;

export interface Bounds {
  /** One more came. */
  added(): void;
}

const KINDS = [
  `DELETE FROM model WHERE kind = 'Interaction' AND id IN (SELECT id FROM model WHERE kind = 'Interaction'
     ORDER BY payload ->> '$.result' IS NOT NULL DESC, payload ->> '$.session' IS NOT NULL DESC, expires DESC
     LIMIT -1 OFFSET ${MOST_OF_NOBODY})`,
  `DELETE FROM model WHERE kind = 'Session' AND id IN (SELECT id FROM model WHERE kind = 'Session' AND account IS NULL
     ORDER BY expires DESC LIMIT -1 OFFSET ${MOST_OF_NOBODY})`,
  `DELETE FROM moment WHERE kind = 'challenge' AND id IN (SELECT id FROM moment WHERE kind = 'challenge'
     ORDER BY expires DESC LIMIT -1 OFFSET ${MOST_OF_NOBODY})`,
];

export function boundsOf(db: DatabaseSync): Bounds {
  const trims = KINDS.map((text) => db.prepare(text));
  let since = 0;
  return {
    added() {
      since++;
      if (since < LOOK_EVERY) return;
      since = 0;
      for (const trim of trims) trim.run();
    },
  };
}
