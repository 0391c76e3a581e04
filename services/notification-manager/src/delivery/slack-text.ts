/** https://docs.slack.dev/messaging/formatting-message-text#escaping: or a title could mention a whole channel. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * A text object whose words stay words: without `verbatim` Slack makes links of addresses and of channels' names that
 * somebody put into a label. What is escaped before, and links that we write, are read as ever.
 * https://docs.slack.dev/reference/block-kit/composition-objects/text-object
 */
export function mrkdwn(text: string) {
  return { type: 'mrkdwn', text, verbatim: true } as const;
}

/** Of a line in a list: it must not begin another one. */
export function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

export function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}

const LINK = /^https?:\/\/[^\s<>|"']{1,480}$/;

/** A link where it is an address, the words where it is a path of the repository or nothing that Slack could open. */
export function runbookText(runbook: string | null | undefined): string {
  if (runbook === null || runbook === undefined || runbook === '') return '';
  return LINK.test(runbook)
    ? `<${runbook.replaceAll('&', '&amp;')}|runbook>`
    : `runbook: ${escaped(runbook)}`;
}
