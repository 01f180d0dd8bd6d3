import type { FindingState } from '../doctor/check.ts';
import type { Person } from '../model/people.ts';
import type { Site } from '../model/site.ts';
import type { ChecklistItem } from './console-api.ts';
import type { LastReport } from './findings.ts';

/** What is known of a site; nothing is asked anew. */
export interface ChecklistFacts {
  site: Site;
  /** Whether the site has one. */
  portal: boolean;
  people: Person[];
  /** More than a password to prove who they are; undefined where nobody knows. */
  hasProof(name: string): boolean | undefined;
  /** Whether the kit that opens the store now was printed. */
  kit: boolean;
  /** How the doctor found things last. */
  checks?: LastReport;
  /** Ids that a person ticked. */
  ticked: Set<string>;
}

/** Points that nobody but a person can know, or decide. */
export const TICKS = ['site-ca', 'second-name-server', 'people'] as const;

/** What a new site still needs, in the order in which it is done. */
export function checklist(facts: ChecklistFacts): ChecklistItem[] {
  return [
    account(facts),
    ...proof(facts),
    siteCa(facts),
    {
      ...{ id: 'recovery-kit', title: 'Recovery kit', done: facts.kit },
      text: 'Print the page that opens the secrets of the site on new hardware, and keep it away from the machine.',
      command: './allod recovery-kit',
    },
    ...names(facts),
    {
      ...ticked(
        'people',
        facts,
        facts.people.some(({ administrator }) => !administrator),
      ),
      title: 'People',
      text: 'Give the others an account of their own.',
      ...{ page: '/console/people', command: `${accountCommand(facts)} NAME` },
    },
  ];
}

/** With a portal, people make their account themselves. */
function accountCommand({ portal }: ChecklistFacts): string {
  return `./allod user ${portal ? 'invite' : 'add'}`;
}

function account(facts: ChecklistFacts): ChecklistItem {
  const { administrators } = facts.site;
  const have = new Set(facts.people.map(({ name }) => name));
  const [first] = administrators.filter((name) => !have.has(name));
  const base = { id: 'administrator', title: 'An administrator' };
  if (administrators.length === 0)
    return {
      ...{ ...base, done: false, page: '/console/changes', command: './allod site show' },
      text: 'Name who administers the site in its file: administrators: [NAME].',
    };
  return {
    ...{ ...base, done: administrators.some((name) => have.has(name)), page: '/console/people' },
    text: 'Somebody who administers the site has an account.',
    command: `${accountCommand(facts)} ${first ?? 'NAME'}`,
  };
}

/** Left out where nobody can tell. */
function proof({ site: { administrators }, people, hasProof }: ChecklistFacts): ChecklistItem[] {
  const known = administrators
    .filter((name) => people.some((person) => person.name === name))
    .map((name) => ({ name, has: hasProof(name) }))
    .filter(({ has }) => has !== undefined);
  if (known.length === 0) return [];
  const without = known.filter(({ has }) => !has).map(({ name }) => name);
  const who = without.length > 0 ? without.join(', ') : 'every administrator';
  return [
    {
      ...{ id: 'proof', title: 'Passkey or code', done: without.length === 0, page: '/sign-in-methods' },
      text: `A password can be found out: ${who} should have a passkey, or an authenticator app.`,
    },
  ];
}

/** Certificates of web hosts that a public authority made are trusted everywhere. */
function siteCa(facts: ChecklistFacts): ChecklistItem {
  return {
    ...ticked('site-ca', facts, facts.site.certificates.acme !== undefined),
    title: 'Trusted by your devices',
    text: 'Have every browser and phone trust the root certificate of the site, and tick this when yours do.',
    command: './allod ca',
  };
}

/** Of a site whose names others know. */
function names(facts: ChecklistFacts): ChecklistItem[] {
  const { site, checks } = facts;
  if (/(^|\.)(localhost|local|internal|home\.arpa)$/.test(site.domain)) return [];
  return [
    seen(
      checks,
      'delegation',
      'Delegation',
      'At the registrar of the domain, enter the name servers of the site.',
    ),
    seen(checks, 'dnssec', 'DNSSEC', 'At the registrar of the domain, enter the DS record of the site.'),
    {
      ...ticked('second-name-server', facts, site.dns.secondaries.length > 0),
      title: 'A second name server',
      text: 'Have a name server elsewhere keep a copy of the zone, so that names are found while this machine is off.',
      ...{ page: '/console/names', command: './allod dns secondaries' },
    },
  ];
}

function seen(checks: LastReport | undefined, id: string, title: string, todo: string): ChecklistItem {
  const state: FindingState | undefined = checks?.states[id];
  return {
    ...{ id, title, done: state === 'ok', page: '/console/doctor' },
    text: checks ? todo : `${todo} The doctor has not looked yet.`,
    command: checks ? './allod dns ds' : './allod doctor',
  };
}

function ticked(id: (typeof TICKS)[number], { ticked }: ChecklistFacts, done: boolean) {
  return { id, done: done || ticked.has(id), ...(done ? {} : { tick: true as const }) };
}
