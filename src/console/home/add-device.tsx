import { useState } from 'react';
import type { DeviceService } from '../../model/sign-on.ts';
import type { Me } from '../../server/browser-api.ts';
import { call } from '../api.ts';
import { Copy, ShownOnce } from '../parts/copy.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import { FormDialog, ShownDialog } from '../parts/form-dialog.tsx';
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
  async function make(): Promise<void> {
    await doing.run(async () => {
      const { password } = await call('addAppPassword', { service, label: label.trim() });
      setMade(password);
      again();
    });
  }
  const chosen = me.devices.find((one) => one.service === service);
  if (made && chosen)
    return (
      <ShownDialog title={t.madeTitle(label)} onClose={onClose}>
        <p>{t.once}</p>
        <ShownOnce value={made} what={t.password} />
        <Settings me={me} service={chosen} />
      </ShownDialog>
    );
  return (
    <FormDialog title={t.add} does={t.make} doing={doing} onSubmit={make} onClose={onClose}>
      <SelectField
        label={t.service}
        value={service}
        onText={setService}
        options={me.devices.map((one) => ({ value: one.service, text: one.title }))}
      />
      <TextField label={t.label} hint={t.labelHint} value={label} onText={setLabel} maxLength={60} required />
    </FormDialog>
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
