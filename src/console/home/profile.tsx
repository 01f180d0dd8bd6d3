import { type FormEvent, useState } from 'react';
import type { Me } from '../../server/browser-api.ts';
import { call } from '../api.ts';
import { Button } from '../parts/button.tsx';
import { Fault } from '../parts/fault.tsx';
import { TextField } from '../parts/field.tsx';
import { Page } from '../parts/page.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useDoing } from '../use-doing.ts';

export function Profile({ me, again }: { me: Me; again(): void }) {
  const [displayName, setDisplayName] = useState(me.displayName);
  const [mail, setMail] = useState(me.mail ?? '');
  const doing = useDoing();
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const good = await doing.run(() =>
      call('saveProfile', { displayName: displayName.trim(), mail: mail.trim() }),
    );
    if (!good) return;
    say(texts.profile.saved);
    again();
  }
  return (
    <Page title={texts.profile.title} lead={texts.profile.lead}>
      <form className="form card" onSubmit={(event) => void save(event)}>
        <div className="stack tight">
          <span className="label">{texts.profile.name}</span>
          <span>
            <code>{me.name}</code>
          </span>
          <span className="quiet little">{texts.profile.nameHint}</span>
        </div>
        <TextField
          label={texts.profile.displayName}
          hint={texts.profile.displayNameHint}
          autoComplete="name"
          value={displayName}
          onText={setDisplayName}
          required
        />
        <TextField
          label={texts.profile.mail}
          hint={texts.profile.mailHint}
          type="email"
          autoComplete="email"
          value={mail}
          onText={setMail}
        />
        <Fault error={doing.error} />
        <div className="row">
          <Button type="submit" look="primary" busy={doing.busy}>
            {texts.common.save}
          </Button>
        </div>
      </form>
    </Page>
  );
}
