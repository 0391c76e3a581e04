import type { Content, Delivery, Message } from '../notifying/notify-state.ts';
import type { Severity } from '../notifying/policy.ts';
import { incidentBlocks, incidentText, replyBlocks, replyText } from './incident-blocks.ts';
import { buttonBlocks } from './slack-buttons.ts';
import { cut, escaped, mrkdwn, runbookText } from './slack-text.ts';

const ICONS: Readonly<Record<Severity, string>> = {
  info: ':information_source:',
  warning: ':warning:',
  critical: ':rotating_light:',
};
/** https://docs.slack.dev/reference/block-kit/blocks: header 150, section 3,000, 10 fields of 2,000 characters. */
const HEADER_CHARACTERS_MAX = 150;
const SECTION_CHARACTERS_MAX = 2_900;
const FIELD_CHARACTERS_MAX = 300;
const FIELDS_MAX = 10;

/**
 * Arguments of chat.postMessage. The metadata names the delivery: Slack has no key that makes a repeated post harmless,
 * so after a crash between its answer and our commit a message can appear twice, and this is how one sees that.
 */
export function slackMessage({ id, channel, message }: Delivery) {
  return {
    channel,
    ...worded(message),
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: 'fleet_notification', event_payload: { delivery_id: id } },
  };
}

function worded(message: Content) {
  if (!('kind' in message)) return { text: fallbackText(message), blocks: blocks(message) };
  if (message.kind === 'incident') return { text: incidentText(message), blocks: incidentBlocks(message) };
  return { text: replyText(message), blocks: replyBlocks(message) };
}

function blocks(message: Message) {
  const figures = Object.entries(message.figures).slice(0, FIELDS_MAX);
  const body = [message.body, historyText(message)].filter((text) => text !== '').join('\n');
  const runbook = runbookText(message.runbook);
  return [
    { type: 'header', text: { type: 'plain_text', text: cut(headline(message), HEADER_CHARACTERS_MAX) } },
    ...(body === '' ? [] : [{ type: 'section', text: mrkdwn(cut(escaped(body), SECTION_CHARACTERS_MAX)) }]),
    ...(figures.length === 0 ? [] : [{ type: 'section', fields: figures.map(figureField) }]),
    { type: 'context', elements: [mrkdwn(joined(escaped(originText(message)), runbook))] },
    ...buttonBlocks(message.buttons ?? [], message.notificationId),
  ];
}

function figureField([name, value]: [string, string | number | null]) {
  const text = `*${escaped(name)}*\n${escaped(String(value ?? '–'))}`;
  return mrkdwn(cut(text, FIELD_CHARACTERS_MAX));
}

function headline({ severity, title, worsened }: Message): string {
  return `${ICONS[severity]} ${worsened ? 'Worse: ' : ''}${title}`;
}

/** What notifications on a phone show, and screen readers read. */
function fallbackText(message: Message): string {
  return escaped(`${message.severity.toUpperCase()}: ${message.worsened ? 'worse: ' : ''}${message.title}`);
}

function historyText({ untold }: Message): string {
  if (untold === 0) return '';
  return `Raised ${untold} more ${untold === 1 ? 'time' : 'times'} since it was last told.`;
}

function originText({ code, raisedBy, at, notificationId }: Message): string {
  return `${code} · ${raisedBy} · ${at} · ${notificationId}`;
}

function joined(origin: string, runbook: string): string {
  return runbook === '' ? origin : `${runbook} · ${origin}`;
}
