// One request over HTTP, TLS with a client certificate, or a Unix socket.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const ANSWER_CHARACTERS_MAX = 4_000_000;

/**
 * @param {URL} url
 * @param {{method?: string, headers?: object, body?: string, timeoutMs: number, tls?: object, socketPath?: string}} init
 * @returns {Promise<{status: number, text: string, location: string | undefined}>} Redirects are not followed.
 * @throws {Error} whose message says why nothing was answered
 */
export function send(url, { method = 'GET', headers = {}, body, timeoutMs, tls = {}, socketPath }) {
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const options = {
    method,
    headers: { ...headers, ...length },
    agent: false,
    ...(socketPath ? { socketPath } : tls),
  };
  return new Promise((resolve, reject) => {
    const call = open(url, options, (answer) => {
      const { statusCode: status = 0, headers: said } = answer;
      textOf(answer).then((text) => resolve({ status, text, location: said.location }), reject);
    });
    const late = setTimeout(
      () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    call.on('close', () => clearTimeout(late));
    call.on('error', (error) => reject(new Error(reasonOf(error), { cause: error })));
    call.end(body);
  });
}

async function textOf(answer) {
  let text = '';
  for await (const part of answer.setEncoding('utf8')) {
    text += part;
    if (text.length > ANSWER_CHARACTERS_MAX) throw new Error('the answer is too long');
  }
  return text;
}

/** What a person can do something about; Node's own words otherwise. */
const TLS_REASONS = [
  [/CERT_HAS_EXPIRED/, "the server's certificate has expired"],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/,
    "the server's certificate is of no known authority: give it with --ca",
  ],
  [/ERR_TLS_CERT_ALTNAME_INVALID/, "the server's certificate is for another host name"],
  [
    /CERTIFICATE_REQUIRED|certificate required/,
    'the server wants a client certificate: give --cert and --key',
  ],
  [/CERTIFICATE_EXPIRED|certificate expired/, 'your client certificate has expired: scripts/pki renew'],
  [/UNKNOWN_CA|unknown ca/, 'your client certificate is of an authority that the server does not know'],
  [/BAD_CERTIFICATE|bad certificate/, 'the server refuses your client certificate'],
];

function reasonOf(error) {
  const text = `${error.code ?? ''} ${error.message}`;
  const known = TLS_REASONS.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? error.code ?? error.message;
}
