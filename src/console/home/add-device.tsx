import { type FormEvent, useState } from 'react';
import type { DeviceService } from '../../model/sign-on.ts';
import type { Me } from '../../server/browser-api.ts';
import { call } from '../api.ts';
import { Button } from '../parts/button.tsx';
import { Copy, ShownOnce } from '../parts/copy.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Fault } from '../parts/fault.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import { texts } from '../texts.ts';
import { useDoing } from '../use-doing.ts';

interface Props {
  me: Me;
  again(): void;
  onClose(): void;
}

/** Asks for service and name, then shows the password, once. */
export function AddDevice({ me, again, onClose }: Props) {
  const [service, setService] = useState(me.devices[0]?.service ?? '');
  const [label, setLabel] = useState('');
  const [made, setMade] = useState<string>();
  const doing = useDoing();
  const t = texts.devices;
  async function make(event: FormEvent): Promise<void> {
    event.preventDefault();
    await doing.run(async () => {
      const { password } = await call('addAppPassword', { service, label: label.trim() });
      setMade(password);
      again();
    });
  }
  const chosen = me.devices.find((one) => one.service === service);
  if (made && chosen)
    return (
      <Dialog title={t.madeTitle(label)} onClose={onClose}>
        <Made me={me} service={chosen} password={made} />
        <div className="row end">
          <Button look="primary" onClick={onClose}>
            {t.done}
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={t.add} onClose={onClose}>
      <form className="form" onSubmit={(event) => void make(event)}>
        <SelectField
          label={t.service}
          value={service}
          onText={setService}
          options={me.devices.map((one) => ({ value: one.service, text: one.title }))}
        />
        <TextField
          label={t.label}
          hint={t.labelHint}
          value={label}
          onText={setLabel}
          maxLength={60}
          required
        />
        <Fault error={doing.error} />
        <div className="row end">
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" look="primary" busy={doing.busy}>
            {t.make}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Made({ me, service, password }: { me: Me; service: DeviceService; password: string }) {
  const t = texts.devices;
  return (
    <div className="stack" role="status">
      <p>{t.once}</p>
      <ShownOnce value={password} what={t.password} />
      <Settings me={me} service={service} />
    </div>
  );
}

/** What is typed into a program besides the password. */
export function Settings({ me, service }: { me: Me; service: DeviceService }) {
  const t = texts.devices;
  return (
    <dl className="pairs">
      <dt>{t.server}</dt>
      <dd className="row">
        <code>{service.server}</code> <Copy text={service.server} what={t.server} />
      </dd>
      <dt>{t.userName}</dt>
      <dd>
        <code>{me.name}</code>
      </dd>
      <dt>{t.protocols}</dt>
      <dd>{service.protocols.join(', ')}</dd>
    </dl>
  );
}
