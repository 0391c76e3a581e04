import { expect, test } from 'vitest';
import { delivery, raisedMessage } from '../../test/builders.ts';
import type { IncidentMessage, Message, ReplyMessage } from '../notifying/notify-state.ts';
import { slackMessage } from './slack-message.ts';

const base = delivery();
const messageWith = (over: Partial<Message>) =>
  slackMessage({ ...base, message: { ...raisedMessage, ...over } });

test('nothing in a notification can mention a channel or make a link', () => {
  const built = JSON.stringify(
    messageWith({ title: '<!channel>', body: '<https://x|y> & <@U1>', figures: { '<b>': '<!here>' } }),
  );
  const { blocks, text } = messageWith({ title: '<!channel>', body: '<@U1>' });
  expect(text).toBe('WARNING: &lt;!channel&gt;');
  expect(blocks[0]).toMatchObject({ type: 'header', text: { type: 'plain_text' } }); // plain text is shown as it is
  expect(built).not.toMatch(/"mrkdwn","text":"[^"]*<[!@h]/);
});

test('no message lets Slack make links, mentions or lines out of words', () => {
  const hostile = 'a\n• resolved <!channel> <https://evil.example|Acknowledge> https://evil.example #general';
  const lines = [{ state: 'firing', text: hostile, runbook: null }] as const;
  const incident: IncidentMessage = {
    ...{ kind: 'incident', notificationId: 'n1', severity: 'critical', status: 'open', title: hostile },
    ...{
      lines,
      more: 1,
      openedAt: hostile,
      changedAt: hostile,
      ackedBy: hostile,
      silenced: null,
      buttons: [],
    },
  };
  const reply: ReplyMessage = {
    ...{
      kind: 'reply',
      notificationId: 'n1',
      severity: 'critical',
      text: hostile,
      lines,
      mention: '<!here>',
    },
    buttons: [],
  };
  const raised = { ...raisedMessage, title: hostile, body: hostile, figures: { [hostile]: hostile } };
  for (const message of [incident, reply, raised]) {
    const { text, blocks } = slackMessage({ ...base, message });
    const texts = [...JSON.stringify(blocks).matchAll(/"type":"mrkdwn"[^}]*/g)].map(([each]) => each);
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.filter((each) => !each.endsWith('"verbatim":true'))).toEqual([]);
    expect([...texts, text].join('').replaceAll('<!here>', '')).not.toContain('<');
  }
  const [, list] = slackMessage({ ...base, message: incident }).blocks as { text?: { text: string } }[];
  expect(list?.text?.text.split('\n')).toEqual([
    expect.stringMatching(/^• a • resolved &lt;/),
    '• and 1 more',
  ]);
});

test('keeps to the limits of Block Kit', () => {
  const figures = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`f${index}`, 'v'.repeat(200)]),
  );
  const { blocks } = messageWith({ title: 't'.repeat(200), body: 'b'.repeat(4_000), figures });
  const [header, section, fields] = blocks as { text?: { text: string }; fields?: { text: string }[] }[];
  expect(header?.text?.text.length).toBe(150);
  expect(section?.text?.text.length).toBe(2_900);
  expect(fields?.fields?.length).toBe(10);
});

test('says what was counted, and that it has become worse', () => {
  expect(JSON.stringify(messageWith({ untold: 1 }))).toContain('Raised 1 more time since');
  expect(JSON.stringify(messageWith({ untold: 14 }))).toContain('Raised 14 more times since');
  expect(messageWith({ worsened: true }).text).toBe('WARNING: worse: No bars for 90 s');
});

test('an empty text and no figures leave their blocks out', () => {
  const { blocks } = messageWith({ body: '', figures: {} });
  expect(blocks.map((block) => block.type)).toEqual(['header', 'context']);
});
