import { useState } from 'react';
import { act } from '../api.ts';
import { ShownOnce } from '../parts/copy.tsx';
import { FormDialog, ShownDialog } from '../parts/form-dialog.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useDoing } from '../use-doing.ts';
import { NewPersonFields, type NewPersonText, newPersonOf } from './new-person-fields.tsx';

const t = texts.admin.people;

/** An account at once, with a password that is shown once. */
export function AddPerson({ again, onClose }: { again(): void; onClose(): void }) {
  const [text, setText] = useState<NewPersonText>({ name: '', displayName: '', mail: '', groups: [] });
  const [password, setPassword] = useState<string>();
  const doing = useDoing();
  async function add(): Promise<void> {
    await doing.run(async () => {
      const made = await act('addPerson', newPersonOf(text));
      again();
      if (made.password) return setPassword(made.password);
      say(t.added(text.displayName || text.name));
      onClose();
    });
  }
  if (password) return <PasswordShown name={text.name} password={password} onClose={onClose} />;
  return (
    <FormDialog title={t.add} lead={t.addLead} does={t.add} doing={doing} onSubmit={add} onClose={onClose}>
      <NewPersonFields text={text} onText={setText} />
    </FormDialog>
  );
}

interface ShownProps {
  name: string;
  password: string;
  onClose(): void;
}

function PasswordShown({ name, password, onClose }: ShownProps) {
  return (
    <ShownDialog title={t.passwordOf(name)} onClose={onClose}>
      <p>{t.passwordOnce}</p>
      <ShownOnce value={password} what={texts.devices.password} />
    </ShownDialog>
  );
}
