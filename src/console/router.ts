import { storeOf, useStore } from './store.ts';

export interface Place {
  path: string;
  /** How often the page changed since it was loaded: headings take the focus from the first time on. */
  moves: number;
}

/** The path the browser shows; the History API keeps the rest. */
const place = storeOf<Place>({ path: location.pathname, moves: 0 });

addEventListener('popstate', moved);

function moved(): void {
  place.set({ path: location.pathname, moves: place.get().moves + 1 });
}

export function usePlace(): Place {
  return useStore(place);
}

export function movesSoFar(): number {
  return place.get().moves;
}

export function navigate(to: string): void {
  if (to === location.pathname) return;
  history.pushState(null, '', to);
  scrollTo(0, 0);
  moved();
}

/** The address from which the page shown now would come again as it is; nothing on it changes. */
export function rename(to: string): void {
  history.replaceState(null, '', to);
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
