import { createAuthority, type Certificate } from '../certificates/authority.ts';

export interface Certificates extends Certificate {
  /** What a client must trust. */
  readonly caPem: string;
}

const hostNames = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];

/** A certificate authority and a server certificate for loopback, made for this start; the authority's key is forgotten at once. */
export async function issueCertificates(nowMilliseconds: number): Promise<Certificates> {
  const authority = await createAuthority('kubernaut-sandbox-ca', nowMilliseconds);
  return { caPem: authority.caPem, ...(await authority.issue({ commonName: 'kubernaut-sandbox', usages: ['server'], hostNames })) };
}
