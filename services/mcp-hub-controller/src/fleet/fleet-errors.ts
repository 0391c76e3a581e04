import { defineError } from '@fleet/shared/errors';

export const ServiceUnreachable = defineError({
  code: 'SERVICE_UNREACHABLE',
  title: 'A service of the fleet did not answer',
  status: 502,
  retry: 'retry',
  action: 'Look at the health of the service that is named; ask again when it is back.',
});

export const ServiceRefused = defineError({
  code: 'SERVICE_REFUSED',
  title: 'A service of the fleet refused the question',
  status: 502,
  retry: 'park',
  action: 'Read its reason; the same question gets the same answer.',
});

export const ServiceAnswerUnusable = defineError({
  code: 'SERVICE_ANSWER_UNUSABLE',
  title: 'The answer of a service is too large or no JSON',
  status: 502,
  retry: 'park',
  action: 'Ask for less, or look at what listens at the configured address.',
});
