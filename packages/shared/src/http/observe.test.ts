import request from 'supertest';
import { expect, test } from 'vitest';
import { lampApp } from './test-app.fixture.ts';

test('outcomes are there from 0, so that the first refusal is an increase, and counted by area', async () => {
  const { app, metrics } = lampApp({ ready: async () => ({ ready: false, missing: ['no lease'] }) });
  const counted = async () => {
    const { values } = await metrics.httpRequestOutcomes.get();
    return Object.fromEntries(
      values.map(({ labels: { area, outcome }, value }) => [`${area} ${outcome}`, value]),
    );
  };
  const areas = ['admin', 'api', 'probe'];
  const none = areas.flatMap((area) =>
    ['answered', 'refused', 'failed'].map((outcome) => [`${area} ${outcome}`, 0]),
  );
  expect(await counted()).toEqual(Object.fromEntries(none));
  for (let call = 0; call < 3; call += 1)
    await request(app).post('/admin/lamps/off').set('X-Admin-Token', 'wrong').send({});
  await request(app).get('/lamps/hall');
  await request(app).get('/wrong-answer');
  await request(app).get('/ready');
  await request(app).get('/nowhere');
  expect(await counted()).toEqual({
    ...Object.fromEntries(none),
    ...{ 'admin refused': 3, 'api answered': 2, 'api failed': 1, 'probe failed': 1 },
  });
});
