import { useState } from 'react';
import { call } from '../api.ts';
import { Answer } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { ShownOnce } from '../parts/copy.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { TextField } from '../parts/field.tsx';
import { DialogForm } from '../parts/form-dialog.tsx';
import { Mark } from '../parts/mark.tsx';
import { Section } from '../parts/page.tsx';
import { Qr } from '../parts/qr.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useCall } from '../use-ask.ts';
import { useDoing } from '../use-doing.ts';
import type { WaysProps } from './passkeys.tsx';

/** The authenticator app. */
export function CodeSection({ ways, again }: WaysProps) {
  const [open, setOpen] = useState(false);
  const t = texts.code;
  const close = () => setOpen(false);
  return (
    <Section title={t.title} lead={t.lead}>
      <div className="card between">
        <Mark tone={ways.code ? 'good' : 'idle'} text={ways.code ? t.set : t.none} />
        <Button small onClick={() => setOpen(true)}>
          {ways.code ? t.remove : t.add}
        </Button>
      </div>
      {open && !ways.code && <AddCode again={again} onClose={close} />}
      {open && ways.code && (
        <Confirm
          title={t.removeTitle}
          does={texts.common.remove}
          danger
          work={() => call('removeCode', {}).then(again)}
          onClose={close}
        >
          <p>{t.removeText}</p>
        </Confirm>
      )}
    </Section>
  );
}

function AddCode({ again, onClose }: { again(): void; onClose(): void }) {
  const made = useCall('codeSecret', {});
  const [code, setCode] = useState('');
  const doing = useDoing();
  const t = texts.code;
  async function add(): Promise<void> {
    if (!(await doing.run(() => call('addCode', { code: code.replaceAll(' ', '') })))) return;
    say(t.added);
    again();
    onClose();
  }
  return (
    <Dialog title={t.add} onClose={onClose}>
      <Answer asked={made}>
        {({ secret, uri }) => (
          <DialogForm does={t.confirm} doing={doing} onSubmit={add} onClose={onClose}>
            <p>{t.scan}</p>
            <Qr text={uri} label={t.qr} />
            <p className="quiet little">{t.type}</p>
            <ShownOnce value={secret} what={t.secret} />
            <TextField
              label={t.code}
              hint={t.codeHint}
              inputMode="numeric"
              autoComplete="one-time-code"
              value={code}
              onText={setCode}
              required
            />
          </DialogForm>
        )}
      </Answer>
    </Dialog>
  );
}
