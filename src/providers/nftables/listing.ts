import { canonical, fingerprint } from '../../model/fingerprint.ts';

/** Chain whose only rule says what was applied; nothing jumps to it. */
export const MARK_CHAIN = 'applied';

/** The parts of libnftables-json(5) that are read here. */
interface Listing {
  nftables: ListedObject[];
}

interface ListedObject {
  metainfo?: Fields;
  chain?: Fields;
  rule?: Fields;
  set?: Fields;
  table?: Fields;
}

interface Fields {
  handle?: number;
  name?: string;
  chain?: string;
  comment?: string;
  elem?: unknown[];
}

export interface Applied {
  /** Fingerprint of the spec. */
  spec: string;
  /** Digest of the listing right after it was applied. */
  listing: string;
}

/** Digest of what the kernel holds, from `nft -j list table` of both families, for one bridge; the mark left out. */
export function listingDigest(json: string[], bridge: string | undefined): string {
  const listings = json.map((text) =>
    objectsOf(text)
      .filter((object) => !isMark(object))
      .map(normal),
  );
  return fingerprint({ bridge, listings });
}

export function markRule(table: string, { spec, listing }: Applied): string {
  return `table inet ${table} {\n  chain ${MARK_CHAIN} {\n    continue comment "${spec} ${listing}"\n  }\n}\n`;
}

/** The mark left by the last complete apply. */
export function readMark(json: string): Applied | undefined {
  for (const { rule } of objectsOf(json)) {
    if (rule?.chain !== MARK_CHAIN) continue;
    const [spec, listing] = (rule.comment ?? '').split(' ');
    if (spec && listing) return { spec, listing };
  }
  return undefined;
}

function objectsOf(json: string): ListedObject[] {
  return (JSON.parse(json) as Listing).nftables.filter((object) => !object.metainfo);
}

function isMark(object: ListedObject): boolean {
  return object.rule?.chain === MARK_CHAIN || object.chain?.name === MARK_CHAIN;
}

/** Handles count up with every apply, and sets list their elements in the order of a hash. */
function normal(object: ListedObject): unknown {
  return Object.entries(object).map(([type, { handle: _, elem, ...fields }]) => [
    type,
    fields,
    Array.isArray(elem) ? elem.map(canonical).sort() : null,
  ]);
}
