import { useState } from 'react';
import type { Ways } from '../../server/browser-api.ts';
import { call } from '../api.ts';
import { Empty } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { TextField } from '../parts/field.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { Section } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { makePasskey, passkeysWork } from '../passkeys.ts';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useDoing } from '../use-doing.ts';

export interface WaysProps {
  ways: Ways;
  again(): void;
}

type Passkey = Ways['passkeys'][number];

export function PasskeySection({ ways, again }: WaysProps) {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Passkey>();
  return (
    <Section
      title={texts.passkeys.title}
      lead={texts.passkeys.lead}
      actions={
        passkeysWork() && (
          <Button small look="primary" onClick={() => setAdding(true)}>
            {texts.passkeys.add}
          </Button>
        )
      }
    >
      {ways.passkeys.length === 0 ? (
        <Empty>{texts.passkeys.none}</Empty>
      ) : (
        <ul className="list">
          {ways.passkeys.map((passkey) => (
            <PasskeyItem key={passkey.id} passkey={passkey} onRemove={() => setRemoving(passkey)} />
          ))}
        </ul>
      )}
      {adding && <AddPasskey again={again} onClose={() => setAdding(false)} />}
      {removing && (
        <Confirm
          title={texts.passkeys.removeTitle(removing.label)}
          does={texts.common.remove}
          danger
          work={() => call('removePasskey', { id: removing.id }).then(again)}
          onClose={() => setRemoving(undefined)}
        >
          <p>{texts.passkeys.removeText}</p>
        </Confirm>
      )}
    </Section>
  );
}

function PasskeyItem({ passkey, onRemove }: { passkey: Passkey; onRemove(): void }) {
  const { label, created, used } = passkey;
  return (
    <li className="between">
      <div className="stack tight">
        <span className="strong break">{label}</span>
        <span className="facts">
          <span>
            {texts.common.added} <Time at={created} />
          </span>
          <span>{used === undefined ? texts.common.neverUsed : <Used at={used} />}</span>
        </span>
      </div>
      <Button small onClick={onRemove}>
        {texts.common.remove} <span className="hidden">{label}</span>
      </Button>
    </li>
  );
}

export function Used({ at }: { at: number }) {
  return (
    <>
      {texts.common.used} <Time at={at} />
    </>
  );
}

function AddPasskey({ again, onClose }: { again(): void; onClose(): void }) {
  const [label, setLabel] = useState('');
  const doing = useDoing();
  async function add(): Promise<void> {
    const good = await doing.run(async () => {
      const { options } = await call('passkeyOptions', {});
      await call('addPasskey', { label: label.trim(), response: await makePasskey(options) });
    });
    if (!good) return;
    say(texts.passkeys.addedOne);
    again();
    onClose();
  }
  return (
    <FormDialog
      title={texts.passkeys.addTitle}
      does={texts.passkeys.go}
      doing={doing}
      onSubmit={add}
      onClose={onClose}
    >
      <TextField
        label={texts.passkeys.label}
        hint={texts.passkeys.labelHint}
        value={label}
        onText={setLabel}
        maxLength={60}
        autoFocus
        required
      />
    </FormDialog>
  );
}
