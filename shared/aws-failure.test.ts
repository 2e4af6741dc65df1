import { describe, expect, it } from 'vitest';
import { awsFailureOf, awsRemedy, type AwsTrouble, type OwnRemedies } from './aws-failure.ts';

const named = (name: string, message = 'words', fields: object = {}) => Object.assign(new Error(message), { name, ...fields });
const own: OwnRemedies = { denied: 'allow it', absent: 'make it', unreached: 'look there', other: 'see' };

describe('why AWS did not do it', () => {
  it.each<[sentence: string, error: unknown, trouble: AwsTrouble, words: string, remedy: string]>([
    ['nobody is logged in', named('CredentialsProviderError'), 'no credentials', 'words', 'give the function a role'],
    ['a login has ended', named('ExpiredTokenException'), 'credentials refused', 'words', 'log in again'],
    ['a clock is wrong', named('SignatureDoesNotMatch', 'Signature expired: 1 is now earlier than 2'), 'clock', 'Signature expired: 1 is', 'NTP client'],
    ['another key was used', named('SignatureDoesNotMatch', 'The request signature differs.'), 'credentials refused', 'signature differs', 'log in again'],
    ['no region is set', new Error('Region is missing'), 'no region', 'Region is missing', 'set AWS_REGION'],
    ['a region cannot be one', new Error('Region not accepted: region="eu central" is none'), 'no such region', 'eu central', 'set AWS_REGION'],
    ['a role may not', named('AccessDeniedException'), 'denied', 'words', 'allow it'],
    ['there is none, and AWS has no words for it', named('ParameterNotFound', 'UnknownError'), 'absent', 'ParameterNotFound', 'make it'],
    ['it asks too often', named('ThrottlingException'), 'busy', 'words', 'in a moment'],
    ['it is in trouble', named('Odd', 'words', { $metadata: { httpStatusCode: 503 } }), 'busy', 'words', 'in a moment'],
    ['nobody listens', named('Error', 'connect ECONNREFUSED', { code: 'ECONNREFUSED' }), 'unreached', 'connect ECONNREFUSED', 'look there'],
    ['nobody listens at either address', new AggregateError([named('Error', 'at ::1', { code: 'ECONNREFUSED' })]), 'unreached', 'at ::1', 'look there'],
    [
      'nobody answers',
      named(
        'TimeoutError',
        '@smithy/node-http-handler - the request socket did not establish a connection with the server within the configured timeout of 3000 ms.',
      ),
      'unreached',
      'no connection within 3000 ms',
      'look there',
    ],
    [
      'nobody answers whom it reached',
      named('TimeoutError', '@smithy/node-http-handler - [ERROR] a request has exceeded the configured 5000 ms requestTimeout.'),
      'unreached',
      'no answer within 5000 ms',
      'look there',
    ],
    ['a certificate is a stranger’s', named('Error', 'self-signed', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'unreached', 'self-signed', 'look there'],
    [
      'a proxy answers',
      named('SyntaxError', 'no JSON\n  Deserialization error: to see the raw response, inspect the hidden field {error}.$response on this object.'),
      'stranger',
      'no JSON',
      'see',
    ],
    ['a library wraps it', new Error('words', { cause: named('AccessDeniedException') }), 'denied', 'words', 'allow it'],
    ['AWS has one cause for another', named('ExpiredToken', 'words', { cause: new Error('below') }), 'credentials refused', 'words', 'log in again'],
    ['it is something else', named('Odd', 'Words.'), 'other', 'Words', 'see'],
    ['it is no error', 'a text', 'other', 'a text', 'see'],
  ])('%s', (_sentence, error, trouble, words, remedy) => {
    const failure = awsFailureOf(error);
    expect(failure).toEqual({ trouble, words: expect.stringContaining(words) });
    expect(awsRemedy(failure.trouble, own)).toContain(remedy);
  });
});
