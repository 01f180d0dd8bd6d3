import { useState } from 'react';
import type { Group } from '../../model/people.ts';
import { act } from '../api.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Choices } from '../parts/choices.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Fault } from '../parts/fault.tsx';
import { TextField } from '../parts/field.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { Found } from '../parts/found.tsx';
import { Page } from '../parts/page.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useAdmin } from '../use-ask.ts';
import { useDoing } from '../use-doing.ts';

const t = texts.admin.groups;

/** Who may use what. */
export function Groups() {
  const groups = useAdmin('groups', {});
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState<string>();
  const [removing, setRemoving] = useState<string>();
  const edited = groups.data?.groups.find(({ name }) => name === editing);
  async function remove(name: string): Promise<void> {
    await act('removeGroup', { name });
    say(t.isRemoved(name));
    groups.again();
  }
  return (
    <Page
      title={t.title}
      lead={t.lead}
      commands={['allod group list', 'allod group add NAME', 'allod group join GROUP NAME']}
      actions={
        <Button look="primary" onClick={() => setAdding(true)}>
          {t.add}
        </Button>
      }
    >
      <Answer asked={groups}>
        {(answer) => <GroupList groups={answer.groups} onEdit={setEditing} onRemove={setRemoving} />}
      </Answer>
      {adding && <AddGroup again={groups.again} onClose={() => setAdding(false)} />}
      {edited && <Members group={edited} again={groups.again} onClose={() => setEditing(undefined)} />}
      {removing && (
        <Confirm
          title={t.removeTitle(removing)}
          does={t.remove}
          danger
          work={() => remove(removing)}
          onClose={() => setRemoving(undefined)}
        >
          <p>{t.removeText}</p>
        </Confirm>
      )}
    </Page>
  );
}

interface ListProps {
  groups: Group[];
  onEdit(name: string): void;
  onRemove(name: string): void;
}

function GroupList({ groups, onEdit, onRemove }: ListProps) {
  if (groups.length === 0) return <Empty>{t.none}</Empty>;
  return (
    <Found
      items={groups}
      words={({ name, description, members }) => [name, description, ...members].join(' ')}
    >
      {(found) => (
        <ul className="list">
          {found.map((group) => (
            <GroupItem key={group.name} group={group} onEdit={onEdit} onRemove={onRemove} />
          ))}
        </ul>
      )}
    </Found>
  );
}

function GroupItem({
  group: { name, description, members },
  onEdit,
  onRemove,
}: Omit<ListProps, 'groups'> & { group: Group }) {
  return (
    <li className="between">
      <div className="stack tight">
        <span className="strong">{name}</span>
        {description && <span className="quiet">{description}</span>}
        <span className="facts">
          <span>{members.length === 0 ? t.nobody : members.join(', ')}</span>
        </span>
      </div>
      <div className="row">
        <Button small onClick={() => onEdit(name)}>
          {t.members} <span className="hidden">{name}</span>
        </Button>
        <Button small onClick={() => onRemove(name)}>
          {t.remove} <span className="hidden">{name}</span>
        </Button>
      </div>
    </li>
  );
}

interface DialogProps {
  again(): void;
  onClose(): void;
}

function AddGroup({ again, onClose }: DialogProps) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const doing = useDoing();
  async function add(): Promise<void> {
    const more = description.trim() ? { description: description.trim() } : {};
    if (!(await doing.run(() => act('addGroup', { name: name.trim(), ...more })))) return;
    say(t.added(name));
    again();
    onClose();
  }
  return (
    <FormDialog title={t.add} does={t.add} doing={doing} onSubmit={add} onClose={onClose}>
      <TextField
        label={t.name}
        hint={t.nameHint}
        autoCapitalize="none"
        value={name}
        onText={setName}
        autoFocus
        required
      />
      <TextField label={t.description} value={description} onText={setDescription} />
    </FormDialog>
  );
}

function Members({ group, again, onClose }: DialogProps & { group: Group }) {
  const people = useAdmin('people', {});
  const [chosen, setChosen] = useState(group.members);
  const doing = useDoing();
  async function save(): Promise<void> {
    const add = chosen.filter((name) => !group.members.includes(name));
    const remove = group.members.filter((name) => !chosen.includes(name));
    if (!(await doing.run(() => act('setMembers', { group: group.name, add, remove })))) return;
    say(t.saved(group.name));
    again();
    onClose();
  }
  return (
    <Dialog title={t.membersOf(group.name)} onClose={onClose}>
      <Answer asked={people}>
        {(answer) => (
          <Choices
            label={t.people}
            options={answer.people.map(({ name }) => name)}
            chosen={chosen}
            onChoose={setChosen}
          />
        )}
      </Answer>
      <Fault error={doing.error} />
      <div className="row end">
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <Button look="primary" busy={doing.busy} onClick={() => void save()}>
          {texts.common.save}
        </Button>
      </div>
    </Dialog>
  );
}
