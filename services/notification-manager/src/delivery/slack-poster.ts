import { safeError } from '@fleet/shared/errors';
import {
  type ChatPostMessageArguments,
  type ChatUpdateArguments,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
} from '@slack/web-api';
import type { SlackPlace } from '../incidents/incident.ts';
import type { Delivery } from '../notifying/notify-state.ts';
import { slackMessage } from './slack-message.ts';

export type PostResult =
  | { readonly kind: 'sent'; readonly ts: string; readonly channel: string }
  /** `afterMs`: what Slack asked for. `needsPerson`: repeating alone will not help (token, channel). */
  | {
      readonly kind: 'retry';
      readonly error: string;
      readonly afterMs: number | null;
      readonly needsPerson: boolean;
    }
  /** This message will never be taken. */
  | { readonly kind: 'refused'; readonly error: string };

/** `thread`: the message that a reply or an update belongs to; a reply without one stands alone. */
export type SlackPoster = (delivery: Delivery, thread: SlackPlace | null) => Promise<PostResult>;

export interface SlackOptions {
  readonly token: string;
  /** Slack's own when absent. */
  readonly apiUrl?: string | undefined;
  readonly timeoutMs?: number;
}

const ANSWER_MS_MAX = 10_000;
const RETRY_AFTER_MS_MAX = 3_600_000;

/** https://docs.slack.dev/reference/methods/chat.postMessage#errors: faults of the message itself. */
const REFUSES_MESSAGE = new Set([
  'invalid_arguments',
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_metadata_format',
  'invalid_metadata_schema',
  'metadata_too_large',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  // Of an update: the message is gone or may no longer be changed. What happened stands in the thread as well.
  'cant_update_message',
  'edit_window_closed',
  'message_not_found',
  'update_failed',
]);
/** Somebody has deleted the first message: what belongs to it is told beside it. */
const LOST_THREAD = new Set(['thread_not_found', 'cannot_reply_to_message']);
/** Faults of Slack's own that pass. All others are the token's or the channel's: a person has to act. */
const PASSES = new Set([
  'fatal_error',
  'internal_error',
  'message_limit_exceeded',
  'rate_limited',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

/** Posts by Slack's own SDK, whose repetitions are off: waiting, order and giving up are decided by the dispatcher. */
export function slackPoster(options: SlackOptions): SlackPoster {
  const client = new WebClient(options.token, {
    ...(options.apiUrl === undefined ? {} : { slackApiUrl: withSlash(options.apiUrl) }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    timeout: options.timeoutMs ?? ANSWER_MS_MAX,
    logger: silent,
  });
  return async (delivery, thread) => {
    try {
      return await send(client, delivery, thread);
    } catch (error) {
      return postResultOf(error);
    }
  };
}

async function send(client: WebClient, delivery: Delivery, thread: SlackPlace | null): Promise<PostResult> {
  const message = slackMessage(delivery);
  if (delivery.action === 'update') {
    if (thread === null) return { kind: 'refused', error: 'there is no message to update' };
    await client.chat.update({ ...message, ...thread } as ChatUpdateArguments);
    return { kind: 'sent', ...thread };
  }
  const place = thread === null ? {} : { channel: thread.channel, thread_ts: thread.ts };
  try {
    const { ts = '', channel } = await client.chat.postMessage({
      ...message,
      ...place,
    } as ChatPostMessageArguments);
    return { kind: 'sent', ts, channel: channel ?? message.channel };
  } catch (error) {
    if (thread === null || !(error instanceof WebAPIPlatformError) || !LOST_THREAD.has(error.data.error))
      throw error;
    return send(client, delivery, null);
  }
}

export function postResultOf(error: unknown): PostResult {
  if (error instanceof WebAPIRateLimitedError) {
    const afterMs = Math.min(Math.max(error.retryAfter, 0) * 1_000, RETRY_AFTER_MS_MAX);
    return { kind: 'retry', error: 'ratelimited', afterMs, needsPerson: false };
  }
  if (error instanceof WebAPIPlatformError) return platformResult(error.data);
  const passing = { kind: 'retry', afterMs: null, needsPerson: false } as const;
  if (error instanceof WebAPIHTTPError) return { ...passing, error: `HTTP ${error.statusCode}` };
  return { ...passing, error: safeError(error).message.slice(0, 200) };
}

function platformResult({ error: code, ...data }: WebAPIPlatformError['data']): PostResult {
  if (REFUSES_MESSAGE.has(code)) return { kind: 'refused', error: code };
  return { kind: 'retry', error: described(code, data), afterMs: null, needsPerson: !PASSES.has(code) };
}

/** Slack says which scope a token lacks, and which it has: that is what a person has to know. */
function described(code: string, { needed, provided }: Readonly<Record<string, unknown>>): string {
  if (code !== 'missing_scope') return code;
  return `missing_scope (the bot token needs ${scopes(needed)}, it has ${scopes(provided)})`;
}

function scopes(value: unknown): string {
  return typeof value === 'string' && /^[a-z_.:, -]{1,200}$/i.test(value) ? value : 'unknown scopes';
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** The SDK's lines may hold messages and headers; what matters of them comes back as the result. */
const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};
