import type { RequestSpec } from './request-spec.ts';

/** A viewer's page. */
export const viewed: RequestSpec = {
  from: 'outside',
  entry: 'app',
  person: 'vera',
  signedIn: 'cookie',
  method: 'GET',
  path: '/api/orchestrator/status',
};

/** An operator's change; the text is new each time, so that nothing is a repetition. */
export const changed: RequestSpec = {
  from: 'outside',
  entry: 'app',
  person: 'olaf',
  signedIn: 'cookie',
  method: 'POST',
  path: '/api/notification-manager/notify',
  contentType: 'application/json',
  origin: 'https://app.{domain}:{httpsPort}',
  body: '{"severity":"info","code":"EDGE_TEST","title":"{unique}"}',
};

/** An admin's question, all four gates open: certificate, sign-in, role, token. */
export const administered: RequestSpec = {
  from: 'outside',
  entry: 'admin',
  person: 'anna',
  certificate: 'anna',
  signedIn: 'cookie',
  adminToken: 'right',
  method: 'GET',
  path: '/api/orchestrator/admin/streams/pending',
};

/** What every admin may look at there; a service counts no such call against its limit for admin calls. */
export const lookedAt: RequestSpec = {
  ...administered,
  adminToken: undefined,
  path: '/api/orchestrator/status',
};

/** An admin's order. Said twice it changes nothing. */
export const reduced: RequestSpec = {
  ...administered,
  method: 'POST',
  path: '/api/orchestrator/admin/orchestrate/reduce',
  contentType: 'application/json',
  origin: 'https://admin.{domain}:{adminPort}',
  body: '{"reason":"edge test"}',
};

/** The same question as the edge would hand it on, put by a container that stole everything. */
export const stolen: RequestSpec = {
  from: 'agents',
  entry: 'admin',
  person: 'anna',
  certificate: 'anna',
  signedIn: 'token',
  adminToken: 'right',
  edgeSecret: 'right',
  edgeAdminSecret: 'right',
  target: 'http://orchestrator:7001',
  method: 'GET',
  path: '/admin/streams/pending',
};

/** A program's question with a token of its own sign-in: the admin host takes one, beside the certificate. */
export const asked: RequestSpec = { ...lookedAt, signedIn: 'token', token: 'fresh' };
