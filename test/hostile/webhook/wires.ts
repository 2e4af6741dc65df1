import { otherToken, token } from './world.ts';

/** A well formed notification in a request that is wrong around it. */
interface BadRequest {
  readonly sentence: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly words: string;
}

export const badRequests: readonly BadRequest[] = [
  { sentence: 'no token', headers: { authorization: '' }, status: 401, words: 'http_config.authorization' },
  { sentence: 'a wrong token', headers: { authorization: 'Bearer wrong-wrong-wrong-wrong' }, status: 401, words: 'http_config.authorization' },
  { sentence: 'the beginning of the token', headers: { authorization: `Bearer ${token.slice(0, -1)}` }, status: 401, words: 'http_config.authorization' },
  { sentence: 'the token and more', headers: { authorization: `Bearer ${token}x` }, status: 401, words: 'http_config.authorization' },
  { sentence: 'both tokens at once', headers: { authorization: `Bearer ${token} ${otherToken}` }, status: 401, words: 'http_config.authorization' },
  { sentence: 'both tokens as a list', headers: { authorization: `Bearer ${token}, Bearer ${otherToken}` }, status: 401, words: 'http_config.authorization' },
  { sentence: 'the token of another scheme', headers: { authorization: `Basic ${token}` }, status: 401, words: 'http_config.authorization' },
  { sentence: 'the token in another header', headers: { authorization: '', 'x-api-key': token }, status: 401, words: 'http_config.authorization' },
  { sentence: 'a token of 12 KiB', headers: { authorization: `Bearer ${'x'.repeat(12_288)}` }, status: 401, words: 'http_config.authorization' },
  { sentence: 'the method PUT', method: 'PUT', status: 405, words: 'method: PUT' },
  { sentence: 'the method DELETE', method: 'DELETE', status: 405, words: 'method: DELETE' },
  { sentence: 'the method PATCH', method: 'PATCH', status: 405, words: 'method: PATCH' },
  { sentence: 'the method OPTIONS', method: 'OPTIONS', status: 405, words: 'method: OPTIONS' },
  { sentence: 'the method GET', method: 'GET', status: 405, words: 'method: GET' },
  { sentence: 'a method before a token', method: 'PUT', headers: { authorization: '' }, status: 401, words: 'http_config.authorization' },
  { sentence: 'no path', path: '/', status: 404, words: 'path: ' },
  { sentence: 'another path', path: '/admin', status: 404, words: 'path: ' },
  { sentence: 'a path below ours', path: '/alerts/1', status: 404, words: 'path: ' },
  { sentence: 'a path that climbs', path: '/alerts/../../etc/passwd', status: 404, words: 'path: ' },
  { sentence: 'an encoded path that climbs', path: '/%2e%2e/%2e%2e/etc/passwd', status: 404, words: 'path: ' },
  { sentence: 'two slashes', path: '//alerts', status: 404, words: 'path: ' },
  { sentence: 'a null byte in the path', path: '/alerts%00', status: 404, words: 'path: ' },
  { sentence: 'half an escape in the path', path: '/%', status: 404, words: 'path: ' },
  { sentence: 'another case', path: '/ALERTS', status: 404, words: 'path: ' },
  { sentence: 'a path of 8 KiB', path: `/${'a'.repeat(8_192)}`, status: 404, words: 'path: ' },
];

/** Bytes that never become a request, or not in time. */
interface SlowRequest {
  readonly sentence: string;
  readonly begin: string;
  readonly drip?: string;
  readonly status: number;
  readonly words: string;
}

const head = (headers: string, authorization = `Bearer ${token}`) => `POST /alerts HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n${headers}`;

export const slowRequests: readonly SlowRequest[] = [
  { sentence: 'headers drop by drop', begin: 'POST /alerts HTTP/1.1\r\nhost: x\r\n', drip: 'x-a: b\r\n', status: 408, words: 'did not arrive in time' },
  { sentence: 'headers that never end', begin: 'POST /alerts HTTP/1.1\r\nhost: x\r\n', status: 408, words: 'did not arrive in time' },
  { sentence: 'a body drop by drop', begin: head('content-length: 100000\r\n\r\n{"version"'), drip: ' ', status: 408, words: 'did not arrive in time' },
  {
    sentence: 'a chunked body drop by drop',
    begin: head('transfer-encoding: chunked\r\n\r\n'),
    drip: '1\r\n \r\n',
    status: 408,
    words: 'did not arrive in time',
  },
  { sentence: 'a body that never comes', begin: head('content-length: 10\r\n\r\n'), status: 408, words: 'did not arrive in time' },
  { sentence: 'a chunk whose length is no number', begin: head('transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'), status: 400, words: 'is no HTTP' },
  {
    sentence: 'a chunk that is longer than it says',
    begin: head('transfer-encoding: chunked\r\n\r\n2\r\n{"a":1}\r\n0\r\n\r\n'),
    status: 400,
    words: 'is no HTTP',
  },
  {
    sentence: 'a chunk of more than there is memory',
    begin: head('transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}'),
    status: 400,
    words: 'is no HTTP',
  },
  { sentence: 'two lengths', begin: head('content-length: 2\r\ncontent-length: 3\r\n\r\n{}'), status: 400, words: 'is no HTTP' },
  { sentence: 'a length and chunks', begin: head('content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'), status: 400, words: 'is no HTTP' },
  { sentence: 'a length below zero', begin: head('content-length: -1\r\n\r\n{}'), status: 400, words: 'is no HTTP' },
  { sentence: 'a length that is no number', begin: head('content-length: ten\r\n\r\n{}'), status: 400, words: 'is no HTTP' },
  { sentence: 'headers of 64 KiB', begin: head(`x-a: ${'a'.repeat(65_536)}\r\n\r\n`), status: 431, words: 'larger than 16 KiB' },
  { sentence: 'ten thousand headers', begin: head(`${'x-a: b\r\n'.repeat(10_000)}\r\n`), status: 431, words: 'larger than 16 KiB' },
  { sentence: 'a header without a colon', begin: head('nothing\r\n\r\n'), status: 400, words: 'is no HTTP' },
  { sentence: 'a null byte in a header', begin: head('x-a: \u0000\r\n\r\n'), status: 400, words: 'is no HTTP' },
  { sentence: 'another protocol', begin: 'SSH-2.0-OpenSSH_9.6\r\n', status: 400, words: 'is no HTTP' },
  { sentence: 'TLS where there is none', begin: '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', status: 400, words: 'is no HTTP' },
  { sentence: 'the preface of HTTP/2', begin: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 400, words: 'is no HTTP' },
  { sentence: 'a method of nobody’s', begin: 'STEAL /alerts HTTP/1.1\r\nhost: x\r\n\r\n', status: 400, words: 'is no HTTP' },
];
