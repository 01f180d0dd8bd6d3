import { type FormEvent, useState } from 'react';
import { act } from '../api.ts';
import { Button } from '../parts/button.tsx';
import { ShownOnce } from '../parts/copy.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Fault } from '../parts/fault.tsx';
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
  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
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
    <Dialog title={t.add} onClose={onClose}>
      <p className="quiet">{t.addLead}</p>
      <form className="form" onSubmit={(event) => void add(event)}>
        <NewPersonFields text={text} onText={setText} />
        <Fault error={doing.error} />
        <div className="row end">
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" look="primary" busy={doing.busy}>
            {t.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface ShownProps {
  name: string;
  password: string;
  onClose(): void;
}

function PasswordShown({ name, password, onClose }: ShownProps) {
  return (
    <Dialog title={t.passwordOf(name)} onClose={onClose}>
      <div className="stack" role="status">
        <p>{t.passwordOnce}</p>
        <ShownOnce value={password} what={texts.devices.password} />
      </div>
      <div className="row end">
        <Button look="primary" onClick={onClose}>
          {texts.devices.done}
        </Button>
      </div>
    </Dialog>
  );
}
