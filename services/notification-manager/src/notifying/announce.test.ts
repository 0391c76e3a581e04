import { notificationRaised } from '@fleet/domain/events';
import { describe, expect, test } from 'vitest';
import { raisedByDeployment, raisedByRequest, raisedByStudy } from './announce.ts';
import { notificationRequestSchema } from './inputs.ts';

const study: Parameters<typeof raisedByStudy>[0] = {
  studyId: 's1',
  outcome: 'completed',
  strategy: 'ema-cross',
  symbols: ['BTCUSDT', 'ETHUSDT'],
  trials: 200,
  parameterVersion: 'v7',
  parameters: { fast: 9 },
  trainObjective: 1.2,
  testObjective: 0.8,
  message: 'Candidate v7 waits for approval.',
};

const deployed = {
  parameterVersion: 'v7',
  strategy: 'ema-cross',
  symbols: ['BTCUSDT'],
  parameters: { fast: 9, trend: true, mode: 'slow' },
  deployedBy: 'kim',
  rollbackOf: null,
};

describe('everything that is announced fits what an event may carry', () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, index]));
  test.each([
    ['study', raisedByStudy(study)],
    ['failed study', raisedByStudy({ ...study, outcome: 'failed', parameterVersion: null })],
    ['deployment', raisedByDeployment({ ...deployed, parameters: many, parameterVersion: 'v'.repeat(100) })],
    ['rollback', raisedByDeployment({ ...deployed, rollbackOf: 'v8' })],
    [
      'request',
      raisedByRequest(
        notificationRequestSchema.parse({ severity: 'info', code: 'X1', title: 't'.repeat(200) }),
      ),
    ],
  ])('%s', (_name, raised) => {
    expect(notificationRaised.schema.safeParse(raised).error).toBeUndefined();
  });
});

test('a study with a candidate is information, a failed one a warning', () => {
  expect(raisedByStudy(study)).toMatchObject({
    severity: 'info',
    code: 'STUDY_FINISHED',
    title: expect.stringContaining('candidate v7'),
  });
  expect(raisedByStudy({ ...study, outcome: 'failed' })).toMatchObject({
    severity: 'warning',
    code: 'STUDY_FAILED',
  });
});

test('a deployment and the way back are told as two things', () => {
  const forth = raisedByDeployment(deployed);
  const back = raisedByDeployment({ ...deployed, rollbackOf: 'v8' });
  expect(forth).toMatchObject({
    code: 'PARAMETERS_DEPLOYED',
    figures: { fast: 9, trend: 'true', mode: 'slow' },
  });
  expect(back).toMatchObject({ code: 'PARAMETERS_ROLLED_BACK' });
  expect(back.dedupeKey).not.toBe(forth.dedupeKey);
});

test('without a key a request is the same thing when code and title are', () => {
  const request = notificationRequestSchema.parse({ severity: 'info', code: 'DISK_FULL', title: 'Disk' });
  expect(raisedByRequest(request).dedupeKey).toBe('DISK_FULL:Disk');
  expect(raisedByRequest({ ...request, dedupeKey: 'mine' }).dedupeKey).toBe('mine');
});
