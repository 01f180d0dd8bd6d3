import type { AuditEvent } from '../model/audit.ts';
import type { Site } from '../model/site.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import type { AdminVerb } from './admin-api.ts';
import type { Asker } from './asker.ts';
import type { Elevation } from './elevation.ts';
import type { LinkOffer, PortalApi, PortalVerb, Redemption } from './portal-api.ts';
import type { PortalRequest } from './portal-schema.ts';
import { adminVerbs } from './portal-verbs.ts';
import type { AdminKeys } from './proofs/keys.ts';
import type { Question, Verdict } from './proofs/messages.ts';

/** A verb of the daemon's. */
export type Work = (request: unknown, emit: (event: unknown) => void, asker: Asker) => Promise<unknown>;

/** Verbs of the daemon's by name; some may be absent. */
export type Works = Record<string, Work | undefined>;

/** Links that were handed out; see `PeopleApi.invite`. Both throw PersonFault for one that is spent, withdrawn or over. */
export interface Links {
  offer(token: string): LinkOffer | Promise<LinkOffer>;
  /** Once. A fault in what is given does not spend it. */
  redeem(token: string, given: Omit<Redemption, 'token'>, asker: Asker): Promise<{ name: string }>;
}

export interface PortalHandlerParts {
  works: Works;
  links: Links;
  elevation: Elevation;
  keys: AdminKeys;
  ask(question: Question): Promise<Verdict>;
  /** In force. */
  site(): Site;
  person(name: string): Promise<{ disabled: boolean; password: boolean } | undefined>;
  /** Writes to the audit log in the name of `actor`; throws Transient where it cannot. */
  note(actor: string, event: Omit<AuditEvent, 'actor'>): void;
}

/** What the portal may say, with a request that fits its schema. */
export type PortalHandlers = {
  [V in PortalVerb]: (
    request: PortalRequest<V>,
    emit: (event: unknown) => void,
    asker: Asker,
  ) => Promise<PortalApi[V]['answer']>;
};

export function actorOf(name: string): string {
  return `person ${name} by console`;
}

export function portalHandlers(parts: PortalHandlerParts): PortalHandlers {
  const { works, links, elevation, keys } = parts;

  /** A verb of the daemon's, done for who is signed in at the portal. */
  async function own(verb: string, request: { name: string }, asker: Asker): Promise<unknown> {
    return await workOf(works, verb)(request, () => {}, { ...asker, who: request.name });
  }

  async function elevated(token: string): Promise<string> {
    return (await elevation.holder(token)).name;
  }

  return {
    async overview(_, emit, asker) {
      const { services } = (await workOf(works, 'status')({}, emit, asker)) as {
        services: PortalApi['overview']['answer']['services'];
      };
      return { services: services.map(({ id, state }) => ({ id, state })) };
    },
    async link({ token }) {
      return await links.offer(token);
    },
    async redeem({ token, ...given }, _, asker) {
      const { passkey } = given;
      if (given.password === undefined && !passkey)
        throw fault('link', 'a password or a passkey; got neither', 'choosing one');
      if (passkey && !(await parts.ask({ about: 'key', publicKey: passkey.publicKey })).good)
        throw fault('passkey', 'a public key by ES256, EdDSA or RS256; got another', 'another authenticator');
      const { name } = await links.redeem(token, given, asker);
      // Whoever had the name or the old ways before: all that was theirs ends here.
      keys.clear(name);
      elevation.endAll(name);
      if (passkey && parts.site().administrators.includes(name)) await keys.add(name, { passkey });
      return { name };
    },
    async changeProfile(request, _, asker) {
      await own('changePerson', request, asker);
      return {};
    },
    async firstPassword(request, _, asker) {
      const { name } = request;
      if (parts.site().administrators.includes(name))
        throw fault(
          'password',
          'somebody who does not administer',
          `./allod user passwd ${name} on the machine`,
        );
      const person = await parts.person(name);
      if (!person || person.disabled || person.password)
        throw fault('password', 'somebody without one; got another', 'changing it with the old one');
      await own('setPassword', request, asker);
      return {};
    },
    async ownPasswords(request, _, asker) {
      return (await own('appPasswords', request, asker)) as PortalApi['ownPasswords']['answer'];
    },
    async addOwnPassword(request, _, asker) {
      return (await own('addAppPassword', request, asker)) as PortalApi['addOwnPassword']['answer'];
    },
    async removeOwnPassword(request, _, asker) {
      await own('removeAppPassword', request, asker);
      return {};
    },
    challenge: ({ name }) => elevation.challenge(name),
    elevate: ({ name, proof }) => elevation.elevate(name, proof as never),
    async lower({ token }) {
      elevation.lower(token);
      return {};
    },
    async adminKeys({ token }) {
      const { passkeys, code } = keys.of(await elevated(token));
      return { passkeys, code: code !== undefined };
    },
    async addAdminKey({ token, ...what }) {
      const name = await elevated(token);
      const texts = [
        ...(what.passkey ? [`passkey "${what.passkey.label}"`] : []),
        ...(what.code ? ['code'] : []),
      ];
      parts.note(actorOf(name), { action: 'act', verb: 'addAdminKey', text: texts.join(', ') });
      await keys.add(name, what);
      return {};
    },
    async removeAdminKey({ token, ...what }) {
      const name = await elevated(token);
      const { passkeys } = keys.of(name);
      const left = passkeys.filter(({ id }) => id !== what.id);
      if (left.length === 0 && !(await parts.person(name))?.password)
        throw fault('proof', 'another way to prove who you are beside it; got the last', 'adding one first');
      const label = passkeys.find(({ id }) => id === what.id)?.label;
      const texts = [...(label === undefined ? [] : [`passkey "${label}"`]), ...(what.code ? ['code'] : [])];
      parts.note(actorOf(name), { action: 'act', verb: 'removeAdminKey', text: texts.join(', ') });
      keys.remove(name, what);
      return {};
    },
    async act({ token, verb, request }, emit, asker) {
      // Before anything is said of the verb: who may not act learns nothing.
      const holder = await elevation.holder(token);
      if (!Object.hasOwn(adminVerbs, verb)) throw new Transient(`the daemon does not know ${verb}`);
      const work = workOf(works, verb);
      const { schema, text } = adminVerbs[verb as AdminVerb] as (typeof adminVerbs)['people'];
      const given = schema.parse(request ?? {});
      const told = text(given);
      if (told !== undefined)
        parts.note(actorOf(holder.name), { action: 'act', verb, ...(told === '' ? {} : { text: told }) });
      const gone = AbortSignal.any([asker.gone, holder.ended]);
      using _held = elevation.hold(token);
      return await work(given, emit, { ...asker, who: holder.name, how: 'console', gone });
    },
  };
}

function workOf(works: Works, verb: string): Work {
  const work = Object.hasOwn(works, verb) ? works[verb] : undefined;
  if (!work) throw new Transient(`the daemon does not know ${verb}`);
  return work;
}

function fault(where: string, expected: string, attempt: string): PersonFault {
  return new PersonFault({ where, message: `expected ${expected}; try ${attempt}` });
}
