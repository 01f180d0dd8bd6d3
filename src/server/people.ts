import type { Site } from '../model/site.ts';
import type { AppPasswordVerb } from './app-passwords.ts';
import { assertUnused, type GroupUse } from './group-use.ts';
import type { LinkDesk } from './links.ts';
import type { PeopleApi } from './people-api.ts';
import type { PeopleDirectory } from './people-directory.ts';
import type { Handlers } from './server.ts';

export interface PeopleSurroundings {
  site(): Site;
  people(): PeopleDirectory;
  links: LinkDesk;
  /** Of the site in force. */
  groupUse(): GroupUse;
  /** Passwords of devices follow who may use what: called after a change of it. */
  settle(): Promise<void>;
}

/** All about people but the passwords of their devices. */
export type PeopleVerb = Exclude<keyof PeopleApi, AppPasswordVerb>;

/** Who asks, where the server tells. */
interface Asker {
  who: string;
}

export function peopleHandlers({
  site,
  people,
  links,
  groupUse,
  settle,
}: PeopleSurroundings): Pick<Handlers, PeopleVerb> {
  return {
    async people() {
      return { people: await people().list(), removed: await people().removed() };
    },
    async addPerson(person) {
      const answer = await people().add(person);
      links.withdrawOf(person.name, 'invitation');
      await people().setAdministrators(site().administrators);
      return answer;
    },
    async changePerson({ name, ...change }) {
      await people().change(name, change);
      return {};
    },
    setPassword: ({ name, password }) => people().setPassword(name, password),
    async disablePerson({ name, disabled }) {
      await people().disable(name, disabled);
      await settle();
      return {};
    },
    async removePerson({ name }) {
      const answer = await people().remove(name, Date.now());
      links.withdrawOf(name);
      await settle();
      return answer;
    },
    async restorePerson({ name }) {
      await people().restore(name, Date.now());
      await people().setAdministrators(site().administrators);
      await settle();
      return {};
    },
    invite: (invitation, _emit, asker?: Asker) => links.invite(invitation, asker?.who ?? 'root'),
    resetLink: ({ name }, _emit, asker?: Asker) => links.reset(name, asker?.who ?? 'root'),
    async links() {
      return { links: links.list() };
    },
    async withdrawLink({ id }) {
      links.withdraw(id);
      return {};
    },
    async groups() {
      return { groups: await people().groups() };
    },
    async addGroup({ name, description }) {
      await people().addGroup(name, description);
      return {};
    },
    async removeGroup({ name }) {
      assertUnused(groupUse(), name);
      await people().removeGroup(name);
      await settle();
      return {};
    },
    async setMembers({ group, add = [], remove = [] }) {
      await people().setMembers(group, add, remove);
      await settle();
      return {};
    },
  };
}
