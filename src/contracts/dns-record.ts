/** A record set of the site's zone. Address records of routes and ports come by themselves. */
export interface DnsRecordRequest {
  contract: 'dns-record';
  /** Fully qualified, no trailing dot, inside the site's domain or, for PTR, the reverse zone of a pool. */
  name: string;
  type: 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'HTTPS' | 'MX' | 'NS' | 'PTR' | 'SRV' | 'SVCB' | 'TLSA' | 'TXT';
  /** Presentation format (RFC 1035 section 5.1); host names with a trailing dot. */
  values: string[];
  /** Seconds; 300 unless given. */
  ttl?: number;
  why: string;
}

export function dnsRecord(request: Omit<DnsRecordRequest, 'contract'>): DnsRecordRequest {
  return { contract: 'dns-record', ...request };
}
