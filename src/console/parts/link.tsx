import type { ComponentProps, MouseEvent } from 'react';
import { navigate, usePlace } from '../router.ts';

interface Props extends ComponentProps<'a'> {
  href: string;
  /** Paths below count as the page too. */
  below?: boolean;
}

/** Changes the page without loading another document; `aria-current` where it is the page shown. */
export function Link({ href, below = false, onClick, ...others }: Props) {
  const { path } = usePlace();
  const here = path === href || (below && path.startsWith(`${href}/`));
  function follow(event: MouseEvent<HTMLAnchorElement>): void {
    onClick?.(event);
    const meansNewTab =
      event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (event.defaultPrevented || meansNewTab) return;
    event.preventDefault();
    navigate(href);
  }
  return (
    <a href={href} onClick={follow} {...(here ? { 'aria-current': 'page' as const } : {})} {...others} />
  );
}
