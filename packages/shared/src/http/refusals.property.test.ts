import fc from 'fast-check';
import request from 'supertest';
import { expect, it } from 'vitest';
import { lampApp } from './test-app.fixture.ts';

/** Whatever is sent, the service does not fail: it takes it or says what is wrong with it. */
const STATUSES = [200, 201, 400, 404, 405, 413, 415];

it('answers any body with success or a problem of the client', async () => {
  const { app } = lampApp();
  const bodies = fc.oneof(fc.json(), fc.string(), fc.json({ maxDepth: 40 }), fc.constant('{"name":"hall"}'));
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      // `busy` and `broken` make the handler itself fail, which is not what is tried here.
      fc.pre(!/busy|broken/.test(body));
      const answer = await request(app).post('/lamps').set('Content-Type', 'application/json').send(body);
      expect(STATUSES).toContain(answer.status);
      if (answer.status >= 400)
        expect(answer.body).toMatchObject({ status: answer.status, code: expect.any(String) });
    }),
    { numRuns: 150 },
  );
});

it('answers any path and query with success or a problem of the client', async () => {
  const { app } = lampApp();
  const parts = fc.array(fc.webFragments(), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(parts, fc.webQueryParameters(), async (path, query) => {
      const answer = await request(app).get(`/lamps/${path.join('/')}?${query}`);
      expect(STATUSES).toContain(answer.status);
      expect(answer.headers['x-request-id']).toBeDefined();
    }),
    { numRuns: 150 },
  );
});
