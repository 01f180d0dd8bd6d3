import { useId, useRef } from 'react';
import type { SiteFault } from '../site-fault.ts';
import { texts } from '../texts.ts';

interface Props {
  text: string;
  faults: SiteFault[];
  onText(text: string): void;
}

/** The text with its line numbers, those with a fault marked. Tab leaves it, as everywhere. */
export function SiteEditor({ text, faults, onText }: Props) {
  const gutter = useRef<HTMLDivElement>(null);
  const id = useId();
  const t = texts.admin.changes;
  const wrong = new Map(faults.flatMap((fault) => (fault.line ? [[fault.line, fault.text] as const] : [])));
  return (
    <div className="field">
      <label htmlFor={id}>{t.text}</label>
      <div className="editor">
        <div className="gutter" aria-hidden="true" ref={gutter}>
          {text.split('\n').map((_, i) => {
            const fault = wrong.get(i + 1);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
              <span key={i} className={fault ? 'wrong' : undefined} title={fault}>
                {fault ? '! ' : ''}
                {i + 1}
              </span>
            );
          })}
        </div>
        <textarea
          id={id}
          value={text}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          aria-invalid={wrong.size > 0}
          onChange={(event) => onText(event.target.value)}
          onScroll={({ currentTarget }) => {
            if (gutter.current) gutter.current.scrollTop = currentTarget.scrollTop;
          }}
        />
      </div>
    </div>
  );
}
