import { isFleetError } from '@fleet/shared/errors';
import { type RequestContext, rawEndpoint } from '@fleet/shared/http';
import type { Request } from 'express';
import type { PressOutcome } from '../incidents/incident.ts';
import type { Pressed } from '../incidents/press.ts';
import {
  SlackInteractionInvalid,
  SlackInteractionNotStored,
  SlackNotConfigured,
  SlackRequestReplayed,
} from '../interactions/errors.ts';
import { type ButtonPress, buttonPress } from '../interactions/payload.ts';
import { verifySignature } from '../interactions/signature.ts';
import { LOCAL } from '../notifying/inputs.ts';
import type { NotifyDeps } from './deps.ts';
import { rawBody } from './raw-body.ts';

/** The payload carries the whole message whose button it was. */
const BODY_BYTES_MAX = 256 * 1024;
/** Slack gives up after 3 s: https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response */
const STORE_MS_MAX = 2_500;

export const postInteraction = rawEndpoint<NotifyDeps>({
  method: 'post',
  path: '/slack/interactions',
  summary: 'A button that somebody pressed in Slack',
  description:
    'Signed by Slack over the raw body. Answers 200 when it is stored; what it asks for follows, and its outcome is told in the thread of the message.',
  consumes: 'application/x-www-form-urlencoded',
  produces: 'application/json',
  errors: [
    ...['SLACK_INTERACTIONS_NOT_CONFIGURED', 'SLACK_SIGNATURE_WRONG', 'SLACK_TIMESTAMP_OUT_OF_WINDOW'],
    ...['SLACK_REQUEST_REPLAYED', 'SLACK_PERSON_NOT_ALLOWED', 'SLACK_INTERACTION_INVALID'],
    ...['SLACK_INTERACTION_NOT_STORED', 'NOT_LEADER', 'QUEUE_FULL'],
  ],
  handle: async (deps, request, response, context) => {
    try {
      const outcome = await take(deps, request, context);
      deps.metrics.interacted(outcome);
      if (outcome === 'replayed') throw new SlackRequestReplayed();
      // An empty answer: text in it would replace the message.
      response.status(200).end();
    } catch (error) {
      if (!(error instanceof SlackRequestReplayed)) deps.metrics.interacted(refusalOf(error));
      context.logger.warn({ err: error }, 'a press of a button in Slack was refused');
      throw error;
    }
  },
});

async function take(deps: NotifyDeps, request: Request, context: RequestContext): Promise<PressOutcome> {
  const { signingSecret, personOf, wall } = deps;
  if (signingSecret === undefined) throw new SlackNotConfigured();
  const body = await rawBody(request, BODY_BYTES_MAX);
  if (body === undefined) throw new SlackInteractionInvalid(`the body has more than ${BODY_BYTES_MAX} bytes`);
  const signed = {
    body,
    timestamp: request.get('x-slack-request-timestamp'),
    signature: request.get('x-slack-signature'),
  };
  const id = verifySignature(signingSecret, signed, wall());
  const press = buttonPress(body);
  const identity = personOf(press.slackUser);
  const outcome = await deps.within(
    store(deps, { ...press, id, identity }, context),
    STORE_MS_MAX,
    () => new SlackInteractionNotStored(),
  );
  const audit = { identity, slackUser: press.slackUser, action: press.action, target: press.target, outcome };
  context.logger.info({ audit }, 'a button in Slack was pressed');
  return outcome;
}

interface Known extends ButtonPress {
  readonly id: string;
  readonly identity: string;
}

async function store(deps: NotifyDeps, known: Known, { requestId, traceparent }: RequestContext) {
  const found = await deps.reader.byId(known.target);
  const notification =
    found === undefined
      ? undefined
      : {
          title: found.notification.title,
          acked: found.notification.ackedBy !== null,
          channel: found.deliveries[0]?.channel ?? '',
        };
  return (await deps.submit({
    ...{ id: deps.newId(), type: LOCAL.pressed, key: known.target, ts: new Date(deps.wall()).toISOString() },
    ...{ data: { ...known, notification } satisfies Pressed, requestId, traceparent },
  })) as PressOutcome;
}

/** The refusal's code is the label, so that a clock that is off is seen apart from strangers. */
function refusalOf(error: unknown): string {
  return isFleetError(error) ? error.code.toLowerCase() : 'failed';
}
