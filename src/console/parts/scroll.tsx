import type { ComponentProps } from 'react';

interface Props extends ComponentProps<'section'> {
  /** What it is, for who does not see it. */
  label: string;
}

/** Scrolls by itself, with the keyboard too. */
export function Scroll({ label, ...others }: Props) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached (WCAG 2.2, 2.1.1)
  return <section aria-label={label} tabIndex={0} {...others} />;
}
