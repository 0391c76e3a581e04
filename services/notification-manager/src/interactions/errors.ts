import { defineError } from '@fleet/shared/errors';

export const SlackNotConfigured = defineError({
  code: 'SLACK_INTERACTIONS_NOT_CONFIGURED',
  title: 'Buttons of Slack are not answered: this service has no signing secret',
  status: 503,
  retry: 'park',
  action: 'Set SLACK_SIGNING_SECRET_FILE of the notification manager and start it again.',
});
export const SlackSignatureWrong = defineError({
  code: 'SLACK_SIGNATURE_WRONG',
  title: 'The request does not bear a signature of Slack',
  status: 401,
  retry: 'park',
  action:
    'Compare slack_signing_secret with the one on the page "Basic Information" of the Slack app; it may have been changed there.',
});
export const SlackRequestTooOld = defineError({
  code: 'SLACK_TIMESTAMP_OUT_OF_WINDOW',
  title: 'The time of the signed request is more than 300 s from this clock',
  status: 401,
  retry: 'park',
  action:
    'Correct the clock of this host (timedatectl, chrony); otherwise this is an old request played back.',
});
export const SlackRequestReplayed = defineError({
  code: 'SLACK_REQUEST_REPLAYED',
  title: 'This signed request was taken before',
  status: 409,
  retry: 'park',
  action:
    'Press the button again where the first press had no effect; look for who repeats requests otherwise.',
});
export const SlackPersonNotAllowed = defineError({
  code: 'SLACK_PERSON_NOT_ALLOWED',
  title: 'This Slack user may not press buttons here',
  status: 403,
  retry: 'park',
  action:
    'Name the Slack user id under slack.people in config/notifications.yaml with an identity that config/operators.yaml lists as operator or admin.',
});
export const SlackInteractionInvalid = defineError({
  code: 'SLACK_INTERACTION_INVALID',
  title: 'The interaction is none of the buttons of this service',
  status: 400,
  retry: 'park',
  action:
    'Look whether another Slack app uses this address; only buttons of messages sent by this service are taken.',
});
export const SlackInteractionNotStored = defineError({
  code: 'SLACK_INTERACTION_NOT_STORED',
  title: 'The button could not be stored within the time that Slack waits',
  status: 503,
  retry: 'retry',
  action: 'Press the button again; look at Postgres and at which replica leads.',
});
