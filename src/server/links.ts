import type { Link, LinkKind } from '../model/people.ts';
import type { Site } from '../model/site.ts';
import type { KeptLink, Links, Useless } from '../reconcile/links.ts';
import { type Fault, isExpected, PersonFault } from '../util/errors.ts';
import type { Invitation, MadeLink } from './people-api.ts';
import type { PeopleDirectory } from './people-directory.ts';
import type { LinkOffer, Redemption } from './portal-api.ts';

/** Links by which people make an account, or set new ways to sign in. */
export interface LinkDesk {
  /** PersonFault: all that would keep the account from being made later; a site without a portal. */
  invite(invitation: Invitation, by: string): Promise<MadeLink>;
  /** PersonFault: no such person, one who is disabled; a site without a portal. */
  reset(name: string, by: string): Promise<MadeLink>;
  list(): Link[];
  withdraw(id: string): void;
  /** Somebody made their account otherwise, or has none any more. */
  withdrawOf(name: string, kind?: LinkKind): void;
  /** An invitation for each the site file names an administrator who has neither an account nor an open one. */
  inviteAdministrators(): Promise<MadeLink[]>;
  /** What a link is for; PersonFault where it opens nothing. */
  offer(token: string): Promise<LinkOffer>;
  /** Makes the account, or sets the password: once, however many ask at a time. What fails leaves the link as it was. */
  redeem(token: string, redemption: Omit<Redemption, 'token'>): Promise<{ name: string }>;
}

export interface LinkSurroundings {
  site(): Site;
  people(): PeopleDirectory;
  /** Host name of the portal; undefined where the site has none. */
  portal(): string | undefined;
  /** ms since 1970. */
  now?(): number;
}

export function linkDesk(links: Links, around: LinkSurroundings): LinkDesk {
  const now = around.now ?? Date.now;

  function portal(): string {
    const host = around.portal();
    if (host === undefined) throw new PersonFault(noPortal);
    return host;
  }

  function make(link: Parameters<Links['make']>[0], host = portal()): MadeLink {
    const { token, link: made } = links.make(link, now());
    return { id: made.id, name: made.name, url: `https://${host}/link/${token}`, until: made.until };
  }

  function administers({ name }: KeptLink): boolean {
    return around.site().administrators.includes(name);
  }

  async function openLink(token: string): Promise<KeptLink> {
    const seen = links.look(token, now());
    if (seen.standing === 'open') return seen.link;
    throw new PersonFault(seen.standing === 'spent' ? await spent(seen.link) : useless(seen.standing));
  }

  /** The answer may have been lost on its way: whoever used the link is told that it did its work. */
  async function spent({ kind, name }: KeptLink): Promise<Fault> {
    const there = (await around.people().list()).some((person) => person.name === name && !person.disabled);
    return there ? didItsWork(kind, name, portal()) : useless('spent');
  }

  async function makeAccount(
    { name, groups, ...link }: KeptLink,
    { displayName = link.displayName, mail = link.mail, password }: Asked,
  ): Promise<void> {
    const people = around.people();
    const there = new Set((await people.groups()).map((group) => group.name));
    await people.add({
      ...{ name, password: password ?? null },
      ...(displayName === undefined ? {} : { displayName }),
      ...(mail ? { mail } : {}),
      groups: groups.filter((group) => there.has(group)),
    });
  }

  async function reset({ name }: KeptLink, { password }: Asked): Promise<void> {
    await assertEnabled(around.people(), name);
    await around.people().setPassword(name, password ?? null); // a new passkey alone ends the old one too
  }

  return {
    async invite({ name, displayName, mail, groups = [] }, by) {
      const host = portal();
      await around.people().checkNew({ name, displayName, mail, groups });
      assertNotInvited(links.open(now()), name, mail);
      const said = { ...(displayName ? { displayName } : {}), ...(mail ? { mail } : {}) };
      return make({ kind: 'invitation', name, ...said, groups, by }, host);
    },
    async reset(name, by) {
      const host = portal();
      await assertEnabled(around.people(), name);
      return make({ kind: 'reset', name, groups: [], by }, host);
    },
    list: () => links.open(now()).map((link) => ({ ...link, administrator: administers(link) })),
    withdraw(id) {
      if (links.withdraw(id, now())) return;
      const message = `expected the id of an open link; got ${JSON.stringify(id)}; try \`allod user links\``;
      throw new PersonFault({ where: 'link', message });
    },
    withdrawOf: (name, kind) => links.withdrawOf(name, kind),
    async inviteAdministrators() {
      const host = around.portal();
      if (host === undefined) return [];
      const people = around.people();
      const [known, removed] = [await people.list(), await people.removed()];
      const invited = links.open(now()).filter(({ kind }) => kind === 'invitation');
      const has = new Set([...known, ...removed, ...invited].map(({ name }) => name));
      const without = around.site().administrators.filter((name) => !has.has(name));
      return without.map((name) => make({ kind: 'invitation', name, groups: [], by: 'root' }, host));
    },
    async offer(token) {
      const link = await openLink(token);
      const { kind, name, displayName, mail, until } = link;
      const said = { ...(displayName ? { displayName } : {}), ...(mail ? { mail } : {}) };
      return { kind, name, ...said, administrator: administers(link), until };
    },
    async redeem(token, asked) {
      const link = await openLink(token);
      if (asked.password === undefined && asked.passkey === undefined) throw new PersonFault(noWay);
      if (!links.claim(link.id, now())) throw new PersonFault(useless('spent')); // somebody else is at it now
      try {
        await (link.kind === 'invitation' ? makeAccount(link, asked) : reset(link, asked));
      } catch (error) {
        links.giveBack(link.id);
        throw error;
      }
      await around
        .people()
        .setAdministrators(around.site().administrators)
        .catch((error: unknown) => {
          if (!isExpected(error)) throw error; // the account is there; the next look at the site sets it right
        });
      return { name: link.name };
    },
  };
}

/** Whoever comes second could not make the account. */
function assertNotInvited(open: KeptLink[], name: string, mail: string | undefined): void {
  const same = (other: KeptLink) => other.name !== name && other.mail?.toLowerCase() === mail?.toLowerCase();
  const other = mail ? open.find(same) : undefined;
  if (!other) return;
  const message = `expected an address that nobody else is invited with; got that of ${other.name}; try another, or none`;
  throw new PersonFault({ where: 'mail', message });
}

type Asked = Omit<Redemption, 'token'>;

async function assertEnabled(people: PeopleDirectory, name: string): Promise<void> {
  const person = (await people.list()).find((other) => other.name === name);
  if (person && !person.disabled) return;
  const got = person ? `${name}, who is disabled` : `${name}, who is not there`;
  const hint = person ? `\`allod user enable ${name}\`` : '`allod user list`';
  throw new PersonFault({
    where: 'name',
    message: `expected somebody of this site who may sign in; got ${got}; try ${hint}`,
  });
}

function useless(standing: Useless): Fault {
  const got = {
    unknown: 'one that was never made, or was withdrawn',
    spent: 'one that was used already',
    over: 'one whose time is over',
  }[standing];
  const message = `expected a link that can still be used; got ${got}; try asking who administers the site for a new one`;
  return { where: 'link', message };
}

function didItsWork(kind: LinkKind, name: string, host: string): Fault {
  const got =
    kind === 'invitation'
      ? `one that made the account ${name} already`
      : `one by which ${name} has new ways to sign in already`;
  const message = `expected a link that can still be used; got ${got}; try signing in as ${name} at https://${host}/, or else asking who administers the site for a new link`;
  return { where: 'link', message };
}

const noWay: Fault = {
  where: 'password',
  message: 'expected a password or a passkey; got neither; try setting one of them',
};

const noPortal: Fault = {
  where: 'services',
  message:
    'expected a portal, where links lead to; got a site without one; try `portal: {}` below `services:` and `allod up`, or `allod user add NAME`',
};
