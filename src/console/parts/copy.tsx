import { useEffect, useState } from 'react';
import { texts } from '../texts.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

interface Props {
  text: string;
  /** What is copied, for who does not see it beside the button. */
  what: string;
  small?: boolean;
}

/** Says so when it is done; where a browser does not allow it, the text can still be selected. */
export function Copy({ text, what, small = true }: Props) {
  const [state, setState] = useState<'ready' | 'done' | 'refused'>('ready');
  useEffect(() => {
    if (state === 'ready') return;
    const timer = setTimeout(() => setState('ready'), 4000);
    return () => clearTimeout(timer);
  }, [state]);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setState('done');
    } catch {
      setState('refused');
    }
  }
  return (
    <>
      <Button small={small} onClick={() => void copy()}>
        <Icon name={state === 'done' ? 'check' : 'copy'} />
        {texts.common.copy} <span className="hidden">{what}</span>
      </Button>
      <span role="status" className={state === 'refused' ? 'little' : 'hidden'}>
        {state === 'done' ? texts.common.copied : state === 'refused' ? texts.common.notCopied : ''}
      </span>
    </>
  );
}

/** A value that is not shown again. */
export function ShownOnce({ value, what }: { value: string; what: string }) {
  return (
    <div className="once">
      <code>{value}</code>
      <Copy text={value} what={what} />
    </div>
  );
}
