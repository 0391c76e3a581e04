import { defineError } from '@fleet/shared/errors';

export const StudyInvalid = defineError({
  code: 'STUDY_INVALID',
  title: 'The study asks for what cannot be done here',
  status: 400,
  retry: 'park',
  action: 'Correct what the message names, then request the study again.',
});

export const StudyQueueFull = defineError({
  code: 'STUDY_QUEUE_FULL',
  title: 'Too many studies wait',
  status: 429,
  retry: 'retry',
  action: 'Wait until a study has finished, or cancel one at /admin/optimize/cancel.',
});

export const StudyConflict = defineError({
  code: 'STUDY_CONFLICT',
  title: 'Another study has this id',
  status: 409,
  retry: 'park',
  action: 'Request it under an id of its own.',
});

export const StudyNotOpen = defineError({
  code: 'STUDY_NOT_OPEN',
  title: 'The study has ended',
  status: 409,
  retry: 'park',
  action: 'Nothing has to be done: look at GET /optimize/studies/{id} for its outcome.',
});

export const ConfigurationChanged = defineError({
  code: 'STUDY_CONFIGURATION_CHANGED',
  title: 'The configuration changed in the middle of the study',
  status: 409,
  retry: 'park',
  action: 'Request the study again: its trials would not be comparable.',
});

export const CandlesChanged = defineError({
  code: 'STUDY_CANDLES_CHANGED',
  title: 'The candles changed in the middle of the study',
  status: 409,
  retry: 'park',
  action: 'Request the study again: its trials would not be comparable.',
});
