import { storeOf, useStore } from './store.ts';

/** The path the browser shows; the History API keeps the rest. */
const path = storeOf(location.pathname);
let moves = 0;

addEventListener('popstate', () => move(location.pathname));

function move(to: string): void {
  moves += 1;
  path.set(to);
}

export function usePath(): string {
  return useStore(path);
}

/** How often the page changed since it was loaded: headings take the focus from the first time on. */
export function movesSoFar(): number {
  return moves;
}

export function navigate(to: string): void {
  if (to === location.pathname) return;
  history.pushState(null, '', to);
  scrollTo(0, 0);
  move(to);
}

/** Another document, which comes back here. */
export function goToSignIn(): void {
  location.assign(`/sign-in?again=1&to=${encodeURIComponent(location.pathname)}`);
}

/** What stands in a path for the `:name`s of its pattern. */
export type Values = Record<string, string>;

/** Undefined where the path is another. */
export function match(pattern: string, actual: string): Values | undefined {
  const [wanted, found] = [pattern.split('/'), actual.replace(/(?<=.)\/$/, '').split('/')];
  if (wanted.length !== found.length) return undefined;
  const values: Values = {};
  for (const [i, part] of wanted.entries()) {
    const value = found[i] ?? '';
    if (part.startsWith(':') && value) values[part.slice(1)] = decoded(value);
    else if (part !== value) return undefined;
  }
  return values;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
