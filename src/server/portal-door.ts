import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Site } from '../model/site.ts';
import { askerHere } from './asker.ts';
import { type Elevation, type ElevationParts, elevation } from './elevation.ts';
import type { PeopleApi } from './people-api.ts';
import { type PortalHandlerParts, portalHandlers, type Works } from './portal.ts';
import { servePortal } from './portal-socket.ts';
import { askAboutProof } from './proofs/ask.ts';
import { adminKeys, type KeyParts } from './proofs/keys.ts';

/** Of the portal a site has: its host name, and the user of its process. */
export interface PortalPlace {
  host: string;
  uid: number;
}

/** What the daemon has for the portal beside its own verbs; `main/` joins it to the real parts. */
export interface PortalDesk extends Omit<KeyParts, 'ask'>, Pick<PortalHandlerParts, 'note' | 'links'> {
  /** Undefined where the site has none. */
  of(site: Site): PortalPlace | undefined;
  /** Whether somebody signs in with a password; throws Transient while the directory is away. */
  checkPassword(site: Site, name: string, password: string): Promise<boolean>;
}

export interface PortalDoorParts extends PortalDesk {
  folder: string;
  works: Works;
  /** In force. */
  site(): Site;
  log(text: string): void;
  scrub(text: string): string;
}

/** The portal's way to the daemon. */
export interface PortalDoor {
  elevation: Elevation;
  keys: ReturnType<typeof adminKeys>;
  /** Whether somebody has more than a password to show. */
  hasProof(name: string): boolean;
  /** Opens it for a site that has a portal, closes it for one that has none. */
  follow(site: Site): Promise<void>;
  close(): void;
}

export function portalDoor(parts: PortalDoorParts): PortalDoor {
  const { state, store, works } = parts;
  const keys = adminKeys({ state, store, ask: askAboutProof });
  let open: { place: PortalPlace; server: Server } | undefined;

  const known: Pick<ElevationParts, 'person'> = {
    async person(name) {
      const said = (await works.people?.({}, () => {}, askerHere('portal', 'portal'))) as
        | PeopleApi['people']['answer']
        | undefined;
      const found = said?.people.find((person) => person.name === name);
      return found && { disabled: found.disabled === true, password: found.password };
    },
  };
  const raised = elevation({
    ...{ ...known, keys },
    now: Date.now,
    ask: askAboutProof,
    administrators: () => parts.site().administrators,
    host: () => open?.place.host ?? '',
    checkPassword: (name, password) => parts.checkPassword(parts.site(), name, password),
    note: (name, event) => parts.note(`person ${name} by console`, event),
  });
  const handlers = portalHandlers({ ...parts, ...known, keys, elevation: raised, ask: askAboutProof });

  function close(): void {
    open?.server.close();
    open?.server.closeAllConnections();
    open = undefined;
    rmSync(`${parts.folder}/daemon.sock`, { force: true });
  }

  return {
    ...{ elevation: raised, keys, close },
    hasProof(name) {
      const { passkeys, code } = keys.of(name);
      return passkeys.length > 0 || code !== undefined;
    },
    async follow(site) {
      const place = parts.of(site);
      if (place && place.uid === open?.place.uid) {
        open.place = place;
        return;
      }
      close();
      if (place) open = { place, server: await servePortal({ ...parts, uid: place.uid, handlers }) };
    },
  };
}
