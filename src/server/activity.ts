import { messageOf } from '../util/errors.ts';
import type { Api, Verb } from './api.ts';
import type { Asker } from './asker.ts';
import type { Journal } from './journal.ts';
import type { PeopleApi } from './people-api.ts';
import type { Handlers } from './server.ts';

type Answers = { [V in Exclude<Verb, keyof PeopleApi>]: Api[V]['answer'] } & {
  [V in keyof PeopleApi]: PeopleApi[V]['answer'];
};
type Requests = { [V in Exclude<Verb, keyof PeopleApi>]: Api[V]['request'] } & {
  [V in keyof PeopleApi]: PeopleApi[V]['request'];
};

/**
 * Verbs by which somebody changes something or sees a secret, and what each is done to: undefined where this request is
 * neither, or changed nothing. Never a value, a password or a text of a file. `answer`: undefined where it failed.
 */
const ACTS: {
  [V in keyof Requests]?: (request: Requests[V], answer: Answers[V] | undefined) => string | undefined;
} = {
  up: (_, answer) => (answer?.made === 0 && answer.faults.length === 0 ? undefined : 'brought the site up'),
  down: () => 'took the site down',
  renumber: ({ action }) =>
    action === 'show' ? undefined : `change of provider: ${action === 'cut' ? 'cut' : 'go on'}`,
  reveal: ({ paths }) => `gave a command ${paths.join(', ')}`,
  unseal: () => 'opened the secrets',
  seal: () => 'sealed the secrets',
  revealSecret: ({ path }) => `read ${path}`,
  rotateSecrets: ({ path }) => `new value for ${path ?? 'every secret'}`,
  renewKeys: () => 'new keys of the store',
  recoveryKit: () => 'printed the recovery kit',
  restoreKey: () => 'opened the secrets by the recovery kit',
  applySite: () => 'changed the site file',
  restartService: ({ service }) => `restarted ${service}`,
  ignoreFinding: ({ id, ignored }) => `${ignored ? 'ignores' : 'no longer ignores'} ${id}`,
  addPerson: ({ name }) => `account for ${name}`,
  changePerson: ({ name }) => `profile of ${name}`,
  setPassword: ({ name }) => `password of ${name}`,
  disablePerson: ({ name, disabled }) => `${disabled ? 'disabled' : 'enabled'} ${name}`,
  removePerson: ({ name }) => `removed ${name}`,
  restorePerson: ({ name }) => `brought back ${name}`,
  invite: ({ name }) => `invited ${name}`,
  resetLink: ({ name }) => `link for new ways to sign in, for ${name}`,
  withdrawLink: ({ id }) => `withdrew link ${id}`,
  addGroup: ({ name }) => `group ${name}`,
  removeGroup: ({ name }) => `removed group ${name}`,
  setMembers: ({ group, add = [], remove = [] }) =>
    `group ${group}: ${[...add.map((name) => `+${name}`), ...remove.map((name) => `-${name}`)].join(' ')}`,
  addAppPassword: ({ name, service }) => `app password of ${name} for ${service}`,
  removeAppPassword: ({ name, service, id }) => `took app password ${id} of ${name} for ${service} away`,
};

/** Characters of a text that are kept: what somebody sends may be long. */
const LONGEST = 300;

interface Said {
  request: unknown;
  answer?: unknown;
}

type AnyHandler = (request: unknown, emit: (event: never) => void, asker: Asker) => Promise<unknown>;

/** The same handlers; what people do through them is written down with its outcome. */
export function recorded(
  handlers: Handlers,
  journal: Journal,
  scrub: (text: string) => string,
  log: (text: string) => void,
): Handlers {
  const all = Object.entries(handlers as unknown as Record<string, AnyHandler>);
  return Object.fromEntries(
    all.map(([verb, handler]) => [verb, Object.hasOwn(ACTS, verb) ? recording(verb, handler) : handler]),
  ) as unknown as Handlers;

  function recording(verb: string, handler: AnyHandler): AnyHandler {
    return async (request, emit, asker) => {
      const at = Date.now();
      try {
        const answer = await handler(request, emit, asker);
        note(verb, at, { request, answer }, asker);
        return answer;
      } catch (error) {
        note(verb, at, { request }, asker, messageOf(error));
        throw error;
      }
    };
  }

  /** What was done is done: that it cannot be written down takes nobody's answer away. */
  function note(verb: string, at: number, said: Said, { who, how }: Asker, failed?: string): void {
    try {
      const textOf = ACTS[verb as keyof Requests] as (
        request: unknown,
        answer: unknown,
      ) => string | undefined;
      const text = textOf(said.request, said.answer);
      if (text === undefined) return;
      const why = failed === undefined ? {} : { failed: short(scrub(failed)) };
      journal.addEntry({ at, who, how, verb, text: short(scrub(text)), ...why });
    } catch (error) {
      log(`${verb} is not in the list of activity: ${messageOf(error)}`);
    }
  }
}

function short(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
