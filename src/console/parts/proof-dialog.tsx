import { type FormEvent, useState } from 'react';
import type { ElevationOffer, Proof } from '../../server/portal-api.ts';
import { call } from '../api.ts';
import { provePasskey } from '../passkeys.ts';
import type { Proving } from '../proof.ts';
import { texts } from '../texts.ts';
import { useCall } from '../use-ask.ts';
import { type Doing, useDoing } from '../use-doing.ts';
import { Answer } from './asked.tsx';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Fault } from './fault.tsx';
import { TextField } from './field.tsx';

/** "Confirm it is you", before the first thing that only administrators may do. */
export function ProofDialog({ proving }: { proving: Proving }) {
  const offer = useCall('elevation', {});
  const doing = useDoing();
  async function give(proofOf: () => Promise<Proof>): Promise<void> {
    const good = await doing.run(async () => await call('elevate', { proof: await proofOf() }));
    // A challenge is good for one attempt.
    if (good) proving.settle(true);
    else offer.again();
  }
  return (
    <Dialog title={texts.proof.title} onClose={() => proving.settle(false)}>
      <p className="quiet">{texts.proof.lead}</p>
      <Answer asked={offer}>{(answer) => <Ways offer={answer} doing={doing} give={give} />}</Answer>
      <Fault error={doing.error} />
      <div className="row end">
        <Button onClick={() => proving.settle(false)}>{texts.common.cancel}</Button>
      </div>
    </Dialog>
  );
}

interface WaysProps {
  offer: ElevationOffer;
  doing: Doing;
  give(proofOf: () => Promise<Proof>): Promise<void>;
}

function Ways({ offer: { methods, options }, doing, give }: WaysProps) {
  const withCode = methods.includes('password-and-code');
  const passkey = methods.includes('passkey');
  const typed = withCode || methods.includes('password');
  return (
    <>
      {passkey && (
        <Button
          look="primary"
          busy={doing.busy}
          autoFocus
          onClick={() => void give(async () => ({ passkey: await provePasskey(options) }))}
        >
          {texts.proof.passkey}
        </Button>
      )}
      {passkey && typed && <p className="quiet little">{texts.proof.or}</p>}
      {typed && <Typed withCode={withCode} busy={doing.busy} first={!passkey} give={give} />}
      {methods.length === 0 && <p className="notice warn">{texts.proof.none}</p>}
    </>
  );
}

interface TypedProps {
  withCode: boolean;
  busy: boolean;
  first: boolean;
  give: WaysProps['give'];
}

function Typed({ withCode, busy, first, give }: TypedProps) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  function submit(event: FormEvent): void {
    event.preventDefault();
    void give(async () => ({ password, ...(withCode ? { code: code.replaceAll(' ', '') } : {}) }));
    setCode('');
  }
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={texts.proof.password}
        type="password"
        autoComplete="current-password"
        value={password}
        onText={setPassword}
        autoFocus={first}
        required
      />
      {withCode && (
        <TextField
          label={texts.proof.code}
          hint={texts.proof.codeHint}
          inputMode="numeric"
          autoComplete="one-time-code"
          value={code}
          onText={setCode}
          required
        />
      )}
      <div className="row">
        <Button type="submit" busy={busy} {...(first ? { look: 'primary' as const } : {})}>
          {texts.proof.confirm}
        </Button>
      </div>
    </form>
  );
}
