export interface SqsAddress {
  readonly region?: string;
  readonly endpoint?: string;
}

const region = '[a-z]{2,4}(?:-[a-z]+)+-[0-9]+';
/** `sqs.eu-central-1.amazonaws.com`, one of a VPC endpoint or of FIPS, and the oldest form. */
const regional = new RegExp(`^(?:[a-z0-9.-]+\\.)?sqs(?:-fips)?\\.(${region})\\.|^(${region})\\.queue\\.`);
const standard = new RegExp(`^sqs\\.${region}\\.amazonaws\\.(?:com|com\\.cn|eu)$`);

/** The region that the URL of a queue names; undefined where its host is none of AWS's. */
export function regionIn(queueUrl: string): string | undefined {
  const found = regional.exec(URL.parse(queueUrl)?.hostname ?? '');
  return found?.[1] ?? found?.[2];
}

/**
 * Where the queues of a stage are asked, and for which region a request is signed. Their URLs say both: a region of the surroundings that differs would sign for nothing. The SDK would go to a
 * URL's host too, where that is another than the region's own, but write two lines of warning before each call; so the host is said beforehand.
 */
export function sqsAddress(urlPrefix: string, given: { readonly region: string | undefined; readonly endpoint: string | undefined }): SqsAddress {
  const signedFor = regionIn(urlPrefix) ?? given.region;
  const endpoint = given.endpoint ?? ownEndpoint(urlPrefix);
  return { ...(signedFor !== undefined && { region: signedFor }), ...(endpoint !== undefined && { endpoint }) };
}

function ownEndpoint(urlPrefix: string): string | undefined {
  const url = URL.parse(urlPrefix);
  return url === null || standard.test(url.hostname) ? undefined : url.origin;
}
