import type { ComponentProps } from 'react';
import { texts } from '../texts.ts';

interface Props extends ComponentProps<'button'> {
  look?: 'primary' | 'danger' | 'plain';
  small?: boolean;
  /** It keeps the focus meanwhile, and does nothing. */
  busy?: boolean;
}

export function Button({ look, small, busy = false, onClick, children, type = 'button', ...others }: Props) {
  const names = ['button', look, small ? 'small' : undefined].filter(Boolean).join(' ');
  return (
    <button
      type={type}
      className={names}
      aria-disabled={busy}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
      {...others}
    >
      {children}
      {busy && <span className="hidden">{texts.common.busy}</span>}
    </button>
  );
}
