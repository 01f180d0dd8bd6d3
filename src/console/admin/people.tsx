import { useState } from 'react';
import type { Link as AccountLink, Person, RemovedPerson } from '../../model/people.ts';
import { act } from '../api.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Fault } from '../parts/fault.tsx';
import { Found } from '../parts/found.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useAdmin } from '../use-ask.ts';
import { useDoing } from '../use-doing.ts';
import { AddPerson } from './add-person.tsx';
import { Invite } from './invite.tsx';

const t = texts.admin.people;

/** Everybody who has an account, who is to get one, and who had one. */
export function People() {
  const people = useAdmin('people', {});
  const links = useAdmin('links', {});
  const [open, setOpen] = useState<'invite' | 'add'>();
  const close = () => setOpen(undefined);
  return (
    <Page
      title={t.title}
      lead={t.lead}
      commands={['allod user list', 'allod user invite NAME', 'allod user add NAME']}
      actions={
        <>
          <Button onClick={() => setOpen('add')}>{t.add}</Button>
          <Button look="primary" onClick={() => setOpen('invite')}>
            {t.invite}
          </Button>
        </>
      }
    >
      <Answer asked={people}>
        {(answer) => (
          <>
            <Everybody people={answer.people} />
            <Answer asked={links}>{(given) => <Links links={given.links} again={links.again} />}</Answer>
            <Removed removed={answer.removed} again={people.again} />
          </>
        )}
      </Answer>
      {open === 'invite' && <Invite again={links.again} onClose={close} />}
      {open === 'add' && <AddPerson again={people.again} onClose={close} />}
    </Page>
  );
}

function Everybody({ people }: { people: Person[] }) {
  if (people.length === 0) return <Empty>{t.none}</Empty>;
  return (
    <Found
      items={people}
      words={({ name, displayName, mail, groups }) => [name, displayName, mail, ...groups].join(' ')}
    >
      {(found) => (
        <ul className="list">
          {found.map((person) => (
            <PersonItem key={person.name} person={person} />
          ))}
        </ul>
      )}
    </Found>
  );
}

function PersonItem({ person }: { person: Person }) {
  return (
    <li className="between">
      <div className="stack tight">
        <span className="row">
          <Link href={`/console/people/${encodeURIComponent(person.name)}`} className="strong">
            {person.displayName}
          </Link>
          {person.administrator && <span className="chip">{t.administrator}</span>}
          {person.disabled && <span className="chip">{t.disabled}</span>}
        </span>
        <span className="facts">
          <span>{person.name}</span>
          {person.mail && <span>{person.mail}</span>}
          {!person.password && <span>{t.passkeyOnly}</span>}
        </span>
      </div>
      <span className="row">
        {person.groups.map((group) => (
          <span key={group} className="chip">
            {group}
          </span>
        ))}
      </span>
    </li>
  );
}

function Links({ links, again }: { links: AccountLink[]; again(): void }) {
  const doing = useDoing();
  if (links.length === 0) return null;
  async function withdraw({ id, name }: AccountLink): Promise<void> {
    if (!(await doing.run(() => act('withdrawLink', { id })))) return;
    say(t.withdrawn(name));
    again();
  }
  return (
    <Section title={t.links} lead={t.linksLead}>
      <Fault error={doing.error} />
      <ul className="list">
        {links.map((link) => (
          <li key={link.id} className="between">
            <div className="stack tight">
              <span className="strong">{t.kinds[link.kind](link.displayName ?? link.name)}</span>
              <span className="facts">
                <span>{t.by(link.by)}</span>
                <span>
                  {t.ends} <Time at={link.until} />
                </span>
              </span>
            </div>
            <Button small busy={doing.busy} onClick={() => void withdraw(link)}>
              {t.withdraw} <span className="hidden">{link.name}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Removed({ removed, again }: { removed: RemovedPerson[]; again(): void }) {
  const doing = useDoing();
  if (removed.length === 0) return null;
  async function restore({ name, displayName }: RemovedPerson): Promise<void> {
    if (!(await doing.run(() => act('restorePerson', { name })))) return;
    say(t.restored(displayName));
    again();
  }
  return (
    <Section title={t.removed} lead={t.removedLead}>
      <Fault error={doing.error} />
      <ul className="list">
        {removed.map((person) => (
          <li key={person.name} className="between">
            <div className="stack tight">
              <span className="strong">{person.displayName}</span>
              <span className="facts">
                <span>{person.name}</span>
                <span>
                  {t.gone} <Time at={person.until} />
                </span>
              </span>
            </div>
            <Button small busy={doing.busy} onClick={() => void restore(person)}>
              {t.restore} <span className="hidden">{person.displayName}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
