import type { IncidentLine, IncidentMessage, ReplyMessage } from '../notifying/notify-state.ts';
import type { Severity } from '../notifying/policy.ts';
import { buttonBlocks } from './slack-buttons.ts';
import { cut, escaped, mrkdwn, onOneLine, runbookText } from './slack-text.ts';

const ICONS: Readonly<Record<Severity, string>> = {
  info: ':information_source:',
  warning: ':warning:',
  critical: ':rotating_light:',
};
/** https://docs.slack.dev/reference/block-kit/blocks: header 150, section 3,000 characters. */
const HEADER_CHARACTERS_MAX = 150;
const LINE_CHARACTERS_MAX = 240;

/** The first message of an incident: what it is, what fires, who has it, and what can be done. */
export function incidentBlocks(message: IncidentMessage) {
  const { severity, status, title, notificationId, buttons } = message;
  const icon = status === 'resolved' ? ':white_check_mark:' : ICONS[severity];
  const headline = `${icon} ${status === 'resolved' ? 'Resolved: ' : ''}${title}`;
  return [
    { type: 'header', text: { type: 'plain_text', text: cut(headline, HEADER_CHARACTERS_MAX) } },
    ...section(linesText(message.lines, message.more)),
    { type: 'context', elements: [mrkdwn(escaped(stateText(message)))] },
    ...buttonBlocks(buttons, notificationId),
  ];
}

export function incidentText({ severity, status, title }: IncidentMessage): string {
  const word = status === 'resolved' ? 'RESOLVED' : severity.toUpperCase();
  return escaped(`${word}: ${title}`);
}

export function replyBlocks({ text, mention, lines, buttons, notificationId }: ReplyMessage) {
  const said = [mention, escaped(text)].filter((part) => part !== null).join(' ');
  return [...section(joined([said, linesText(lines, 0)])), ...buttonBlocks(buttons, notificationId)];
}

export function replyText({ text, mention }: ReplyMessage): string {
  return [mention, escaped(text)].filter((part) => part !== null).join(' ');
}

function stateText({ severity, ackedBy, silenced, openedAt, changedAt, notificationId }: IncidentMessage) {
  const parts = [
    severity,
    ackedBy === null ? 'nobody has taken it up' : `taken up by ${ackedBy}`,
    ...(silenced === null ? [] : [`silent until ${silenced.until} (${silenced.by})`]),
    `since ${openedAt}`,
    `changed ${changedAt}`,
    notificationId,
  ];
  return parts.join(' · ');
}

function linesText(lines: readonly IncidentLine[], more: number): string {
  const told = lines.map(({ state, text, runbook }) => {
    const link = runbookText(runbook);
    const words = cut(escaped(onOneLine(text)), LINE_CHARACTERS_MAX);
    return `• ${state === 'resolved' ? '_resolved_ ' : ''}${words}${link === '' ? '' : ` · ${link}`}`;
  });
  return joined([...told, more > 0 ? `• and ${more} more` : '']);
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

/** Lines have a bound, so that a section keeps Slack's without cutting a link in two. */
function section(text: string) {
  return text === '' ? [] : [{ type: 'section', text: mrkdwn(text) }];
}
