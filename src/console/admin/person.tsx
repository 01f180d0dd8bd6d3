import { type FormEvent, useState } from 'react';
import type { Person as PersonData } from '../../model/people.ts';
import { act } from '../api.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Choices } from '../parts/choices.tsx';
import { Fault } from '../parts/fault.tsx';
import { TextField } from '../parts/field.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import type { Values } from '../router.ts';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useAdmin } from '../use-ask.ts';
import { useDoing } from '../use-doing.ts';
import { PersonAccess } from './person-access.tsx';
import { PersonDevices } from './person-devices.tsx';

const t = texts.admin.people;

/** One account. */
export function Person({ values }: { values: Values }) {
  const name = values.name ?? '';
  const people = useAdmin('people', {});
  const person = people.data?.people.find((one) => one.name === name);
  return (
    <Page
      title={person?.displayName ?? name}
      lead={<Link href="/console/people">{t.all}</Link>}
      commands={[`allod user show ${name}`, `allod user change ${name}`, `allod user reset ${name}`]}
    >
      <Answer asked={people}>
        {() =>
          person ? (
            <div className="stack wide">
              <Details key={name} person={person} again={people.again} />
              <Groups person={person} again={people.again} />
              <PersonDevices name={name} />
              <PersonAccess person={person} again={people.again} />
            </div>
          ) : (
            <Empty>{t.noSuch(name)}</Empty>
          )
        }
      </Answer>
    </Page>
  );
}

interface Props {
  person: PersonData;
  again(): void;
}

function Details({ person, again }: Props) {
  const [displayName, setDisplayName] = useState(person.displayName);
  const [mail, setMail] = useState(person.mail ?? '');
  const doing = useDoing();
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const { name } = person;
    const change = { name, displayName: displayName.trim(), mail: mail.trim() };
    if (!(await doing.run(() => act('changePerson', change)))) return;
    say(t.saved);
    again();
  }
  return (
    <form className="form card" onSubmit={(event) => void save(event)}>
      <div className="row">
        <code>{person.name}</code>
        {person.administrator && <span className="chip">{t.administrator}</span>}
        {person.disabled && <span className="chip">{t.disabled}</span>}
      </div>
      <TextField label={t.displayName} value={displayName} onText={setDisplayName} required />
      <TextField label={t.mail} type="email" value={mail} onText={setMail} />
      <Fault error={doing.error} />
      <div className="row">
        <Button type="submit" look="primary" busy={doing.busy}>
          {texts.common.save}
        </Button>
      </div>
    </form>
  );
}

function Groups({ person, again }: Props) {
  const groups = useAdmin('groups', {});
  const doing = useDoing();
  const { name, groups: joined } = person;
  async function choose(chosen: string[]): Promise<void> {
    const add = chosen.filter((group) => !joined.includes(group));
    const remove = joined.filter((group) => !chosen.includes(group));
    await doing.run(async () => {
      for (const group of add) await act('setMembers', { group, add: [name] });
      for (const group of remove) await act('setMembers', { group, remove: [name] });
    });
    again();
  }
  return (
    <Section title={t.groups}>
      <Fault error={doing.error} />
      <Answer asked={groups}>
        {(answer) =>
          answer.groups.length === 0 ? (
            <Empty>
              <Link href="/console/groups">{t.makeGroup}</Link>
            </Empty>
          ) : (
            <div className="card">
              <Choices
                label={t.memberOf}
                options={answer.groups.map((group) => group.name)}
                chosen={joined}
                onChoose={(chosen) => void choose(chosen)}
              />
            </div>
          )
        }
      </Answer>
    </Section>
  );
}
