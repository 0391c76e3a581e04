/** https://docs.slack.dev/messaging/formatting-message-text#escaping: or a title could mention a whole channel. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
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
