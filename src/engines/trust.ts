import { createSecureContext, type SecureContext } from 'node:tls';

/** The context of those who trust some roots (PEM), made anew when they change: reading hundreds takes a while. */
export function trustIn(rootsNow: () => string[]): () => SecureContext | undefined {
  let roots: string[] = [];
  let context: SecureContext | undefined;
  return () => {
    const now = rootsNow();
    if (now.length === roots.length && now.every((root, i) => root === roots[i])) return context;
    roots = now;
    context = now.length > 0 ? createSecureContext({ ca: now }) : undefined;
    return context;
  };
}
