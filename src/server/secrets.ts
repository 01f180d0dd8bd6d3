import type { AuditEntry, AuditReport } from '../model/audit.ts';
import type { Resource } from '../model/resource.ts';
import type { NewValue, SecretView, StoredEntry, StoreLock } from '../model/secret-store.ts';
import type { Site, UnsealMethod } from '../model/site.ts';
import type { StatusFinding } from '../model/status.ts';
import { describeSecrets } from '../plan/secret-uses.ts';
import type { Listener } from '../reconcile/events.ts';
import { nearest } from '../site/nearest.ts';
import { PersonFault } from '../util/errors.ts';
import type { SecretVerb, UpAnswer } from './api.ts';
import { type Rotators, rotateAll, rotateOne } from './rotate.ts';
import type { Handlers } from './server.ts';

/** The store as the verbs need it; `main/` joins it to the real one. What a person asks for is done in their name. */
export interface SecretDesk {
  lock(): StoreLock;
  /** Opens the store, and has it opened by `method` from now on. */
  adopt(method: UnsealMethod, passphrase?: string): Promise<void>;
  unseal(passphrase?: string): Promise<void>;
  seal(): void;
  entries(): StoredEntry[];
  reveal(path: string): string | undefined;
  /** Writes new values, by path: all or none. */
  renew(wanted: Record<string, NewValue>): void;
  renewKeys(): void;
  /** The page of the recovery kit. */
  kit(): string;
  /** Whether the one that opens the store now was printed. */
  printedKit(): boolean;
  /** Opens the store by the groups of a kit. */
  restore(groups: string, passphrase?: string): Promise<void>;
  audit(limit: number): AuditEntry[];
  verifyAudit(): AuditReport;
  findings(): StatusFinding[];
  /** A text without any value that was revealed in this process. */
  scrub(text: string): string;
}

/** The site the secrets are of. */
export interface Surroundings {
  site(): Site;
  resources(): Resource[];
  /** Called when the store was opened or sealed. */
  changed(): void;
}

/** What is done for the verbs about secrets: by the daemon, or without one by the command itself. */
export function secretHandlers(desk: SecretDesk, around: Surroundings): Pick<Handlers, SecretVerb> {
  return {
    async lock() {
      return desk.lock();
    },
    async unseal({ passphrase }) {
      await desk.unseal(passphrase);
      around.changed();
      return {};
    },
    async seal() {
      desk.seal();
      around.changed();
      return {};
    },
    async secrets({ path }) {
      return { secrets: path === undefined ? viewsOf(desk, around) : [viewOf(desk, around, path)] };
    },
    async revealSecret({ path }) {
      const value = desk.reveal(viewOf(desk, around, path).path);
      if (value === undefined) throw new Error(`${path} is listed and not there`);
      return { value };
    },
    async renewKeys() {
      desk.renewKeys();
      return {};
    },
    async recoveryKit() {
      return { text: desk.kit() };
    },
    async restoreKey({ groups, passphrase }) {
      await desk.restore(groups, passphrase);
      around.changed();
      return {};
    },
    async audit({ limit }) {
      return { entries: desk.audit(limit) };
    },
    async verifyAudit() {
      return desk.verifyAudit();
    },
  };
}

/** `run` has every service take in what is new, and says what could not be done. */
export function rotateHandler(
  desk: SecretDesk,
  around: Surroundings,
  rotators: Rotators,
  run: (listen: Listener) => Promise<UpAnswer['faults']>,
): Pick<Handlers, 'rotateSecrets'> {
  return {
    async rotateSecrets({ path }, emit) {
      const rotation = { ...rotators, resources: around.resources(), renew: desk.renew, listen: emit };
      const done =
        path === undefined
          ? await rotateAll(viewsOf(desk, around), rotation)
          : { rotated: [await rotateOne(viewOf(desk, around, path), rotation)], kept: [] };
      return { ...done, faults: await run(emit) };
    },
  };
}

function viewsOf(desk: SecretDesk, around: Surroundings): SecretView[] {
  return describeSecrets(desk.entries(), around.resources(), around.site().secrets.logins);
}

function viewOf(desk: SecretDesk, around: Surroundings, path: string): SecretView {
  const all = viewsOf(desk, around);
  const found = all.find((view) => view.path === path);
  if (found) return found;
  const paths = all.map((view) => view.path);
  throw new PersonFault({
    where: path,
    message: `expected the path of a secret; got one that the store does not hold; try ${nearest(path, paths) ?? './allod secrets list'}`,
  });
}
