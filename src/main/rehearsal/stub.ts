/** An answer to a question for addresses: none of them where there is no such name or no address of that family. */
export interface Answered {
  addresses: string[];
  /** Seconds it may be remembered. */
  ttl: number;
}

export type AddressType = 'A' | 'AAAA';

export interface StubOptions {
  /** Asks one name server; rejects where it gives no answer. */
  ask(server: string, name: string, type: AddressType): Promise<Answered>;
  /** ms. */
  now(): number;
}

/** A resolver that remembers answers for as long as they allow, and no longer. */
export interface Stub {
  /** Addresses of the name servers, as the parent zone has them; those that answer are asked first. */
  delegate(servers: string[]): void;
  /** Rejects where nothing is remembered and no name server answers. */
  resolve(name: string, type: AddressType): Promise<string[]>;
}

export function createStub({ ask, now }: StubOptions): Stub {
  let servers: string[] = [];
  const known = new Map<string, { addresses: string[]; until: number }>();
  const asked = new Map<string, Promise<string[]>>();

  async function learn(name: string, type: AddressType): Promise<string[]> {
    const errors: unknown[] = [];
    for (const server of servers)
      try {
        const { addresses, ttl } = await ask(server, name, type);
        known.set(`${type} ${name}`, { addresses, until: now() + ttl * 1000 });
        return addresses;
      } catch (error) {
        errors.push(error);
        servers = [...servers.filter((one) => one !== server), server];
      }
    throw new AggregateError(errors, `no name server answers for ${name}`);
  }

  return {
    delegate(those) {
      servers = those;
    },
    async resolve(name, type) {
      const key = `${type} ${name}`;
      const kept = known.get(key);
      if (kept && kept.until > now()) return kept.addresses;
      const question = asked.get(key) ?? learn(name, type).finally(() => asked.delete(key));
      asked.set(key, question);
      return await question;
    },
  };
}
