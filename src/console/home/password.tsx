import { useState } from 'react';
import { SHORTEST_PASSWORD } from '../../util/password-rule.ts';
import { call } from '../api.ts';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { Mark } from '../parts/mark.tsx';
import { Section } from '../parts/page.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useDoing } from '../use-doing.ts';
import type { WaysProps } from './passkeys.tsx';

export function PasswordSection({ ways, again }: WaysProps) {
  const [open, setOpen] = useState(false);
  const t = texts.password;
  return (
    <Section title={t.title} lead={t.lead}>
      <div className="card between">
        <Mark tone={ways.password ? 'good' : 'idle'} text={ways.password ? t.set : t.none} />
        <Button small onClick={() => setOpen(true)}>
          {ways.password ? t.change : t.make}
        </Button>
      </div>
      {open && <ChangePassword has={ways.password} again={again} onClose={() => setOpen(false)} />}
    </Section>
  );
}

function ChangePassword({ has, again, onClose }: { has: boolean; again(): void; onClose(): void }) {
  const [old, setOld] = useState('');
  const [password, setPassword] = useState('');
  const [seen, setSeen] = useState(false);
  const doing = useDoing();
  const t = texts.password;
  async function change(): Promise<void> {
    const good = await doing.run(() => call('changePassword', { ...(has ? { old } : {}), password }));
    if (!good) return;
    say(t.changed);
    again();
    onClose();
  }
  return (
    <FormDialog
      title={has ? t.change : t.make}
      does={texts.common.save}
      doing={doing}
      onSubmit={change}
      onClose={onClose}
    >
      {has && (
        <TextField
          label={t.old}
          type="password"
          autoComplete="current-password"
          value={old}
          onText={setOld}
          autoFocus
          required
        />
      )}
      <TextField
        label={t.new}
        hint={t.hint}
        type={seen ? 'text' : 'password'}
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        value={password}
        onText={setPassword}
        autoFocus={!has}
        required
      />
      <label className="row">
        <input type="checkbox" checked={seen} onChange={({ target }) => setSeen(target.checked)} />
        {t.show}
      </label>
    </FormDialog>
  );
}
