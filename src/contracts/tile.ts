/** A place on people's home page, for those who may use the service. */
export interface TileRequest {
  contract: 'tile';
  /** What people call it; the title of its folder unless given. */
  title?: string;
  /** One sentence without its full stop, for people who use it: `Address books and calendars of your phone`. */
  description: string;
  /** Path data of a 24 × 24 icon (`d` of an SVG path), one colour. */
  icon: string;
  /** Where it opens, at the service's own host; `/` unless given. */
  path?: string;
  why: string;
}

export function tile(request: Omit<TileRequest, 'contract'>): TileRequest {
  return { contract: 'tile', ...request };
}
