import type { AuditEvent } from '../../model/audit.ts';
import { PersonFault } from '../../util/errors.ts';
import type { Elevation } from '../elevation.ts';
import type { Work, Works } from '../portal.ts';
import type { Handlers } from '../server.ts';
import type { AdminKeys } from './keys.ts';

interface Proven {
  elevation: Pick<Elevation, 'endAll'>;
  keys: Pick<AdminKeys, 'of' | 'clear'>;
  note(actor: string, event: Omit<AuditEvent, 'actor'>): void;
}

/** What root may do on the machine about the proofs of administrators. */
export function proofHandlers({ elevation, keys, note }: Proven): Pick<Handlers, 'proofs' | 'removeProofs'> {
  return {
    async proofs({ name }) {
      const { passkeys, code } = keys.of(name);
      return { passkeys: passkeys.map(({ id, label }) => ({ id, label })), code: code !== undefined };
    },
    async removeProofs({ name }) {
      const { passkeys, code } = keys.of(name);
      if (passkeys.length === 0 && !code)
        throw new PersonFault({
          where: 'name',
          message: `expected somebody with a passkey or code for administering; got ${JSON.stringify(name.slice(0, 64))}, who has none; try ./allod user proofs NAME`,
        });
      note('person root', { action: 'act', verb: 'removeProofs', text: name });
      elevation.endAll(name);
      return { removed: keys.clear(name) };
    },
  };
}

/**
 * Has the verbs about people end what was proved by them: whoever goes loses every token, and a name that is given to
 * somebody new comes without the old one's keys. However the verbs are said.
 */
export function endProofsWith(works: Works, { elevation, keys }: Omit<Proven, 'note'>): void {
  after('removePerson', (name) => elevation.endAll(name));
  after('disablePerson', (name) => elevation.endAll(name));
  after('setPassword', (name) => elevation.endAll(name));
  after('addPerson', (name) => {
    elevation.endAll(name);
    keys.clear(name);
  });

  function after(verb: string, end: (name: string) => void): void {
    const work = works[verb];
    if (!work) return;
    works[verb] = async (...said: Parameters<Work>) => {
      const answer = await work(...said);
      end((said[0] as { name: string }).name);
      return answer;
    };
  }
}
