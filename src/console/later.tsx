import { type ReactNode, useEffect, useState } from 'react';

/**
 * A component that is a piece of its own, fetched when it is first shown; `meanwhile` is there before. Throws, for the
 * guard around it, where it does not come. Not `lazy` with `Suspense`: React keeps what is behind a fallback back for
 * 300 ms, and that adds up where one piece asks for the next.
 */
export function later<Props extends object>(
  load: () => Promise<(props: Props) => ReactNode>,
  meanwhile: ReactNode = null,
): (props: Props) => ReactNode {
  let loaded: ((props: Props) => ReactNode) | undefined;
  return function Later(props: Props) {
    const [{ Shown, error }, setState] = useState<{ Shown?: typeof loaded; error?: unknown }>({
      Shown: loaded,
    });
    useEffect(() => {
      if (loaded) return setState({ Shown: loaded });
      load().then(
        (piece) => {
          loaded = piece;
          setState({ Shown: piece });
        },
        (error: unknown) => setState({ error }),
      );
    }, []);
    if (error !== undefined) throw error;
    return Shown ? <Shown {...props} /> : meanwhile;
  };
}
