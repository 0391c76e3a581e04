import { z } from 'zod';
import { type ActionId, PRESSES } from '../delivery/slack-buttons.ts';
import type { SlackPlace } from '../incidents/incident.ts';
import { SlackInteractionInvalid } from './errors.ts';

const ids = Object.keys(PRESSES) as [ActionId, ...ActionId[]];

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload: only what is used. */
const payloadSchema = z.looseObject({
  type: z.literal('block_actions'),
  user: z.looseObject({ id: z.string().regex(/^[UW][A-Z0-9]{1,20}$/) }),
  actions: z.array(z.looseObject({ action_id: z.enum(ids), value: z.string().min(1).max(200) })).length(1),
  container: z
    .looseObject({
      channel_id: z.string().regex(/^[A-Z0-9]{1,20}$/),
      message_ts: z.string().regex(/^\d{1,12}\.\d{1,9}$/),
    })
    .optional(),
});

export interface ButtonPress {
  readonly slackUser: string;
  readonly action: 'ack' | 'silence';
  readonly hours: number;
  readonly target: string;
  readonly place: SlackPlace | null;
}

/** What a signed body asks for. @throws SLACK_INTERACTION_INVALID */
export function buttonPress(body: Buffer): ButtonPress {
  const payload = new URLSearchParams(body.toString('utf8')).get('payload');
  if (payload === null) throw new SlackInteractionInvalid('the form has no field "payload"');
  const parsed = payloadSchema.safeParse(parsedJson(payload));
  const action = parsed.data?.actions[0];
  if (!parsed.success || action === undefined) {
    const fields = parsed.error?.issues.map(({ path }) => path.join('.')).join(', ');
    throw new SlackInteractionInvalid(`refused fields: ${(fields || 'the whole payload').slice(0, 200)}`);
  }
  const { user, container } = parsed.data;
  return {
    slackUser: user.id,
    ...PRESSES[action.action_id],
    target: action.value,
    place: container === undefined ? null : { channel: container.channel_id, ts: container.message_ts },
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackInteractionInvalid('the field "payload" is not JSON');
  }
}
