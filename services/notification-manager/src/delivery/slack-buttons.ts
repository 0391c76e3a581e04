import type { Button } from '../notifying/policy.ts';

/** `action_id` of each button: what a press of it asks for. */
export const PRESSES = {
  fleet_ack: { action: 'ack', hours: 0 },
  fleet_silence_1h: { action: 'silence', hours: 1 },
  fleet_silence_4h: { action: 'silence', hours: 4 },
} as const;
export type ActionId = keyof typeof PRESSES;

const LABELS: Readonly<Record<ActionId, string>> = {
  fleet_ack: 'Acknowledge',
  fleet_silence_1h: 'Silence 1 h',
  fleet_silence_4h: 'Silence 4 h',
};
const IDS: Readonly<Record<Button, readonly ActionId[]>> = {
  ack: ['fleet_ack'],
  silence: ['fleet_silence_1h', 'fleet_silence_4h'],
};

/** One block of buttons, or none. `target`: what is pressed for, at most 2,000 characters. */
export function buttonBlocks(buttons: readonly Button[], target: string) {
  if (buttons.length === 0) return [];
  const elements = buttons
    .flatMap((button) => IDS[button])
    .map((id) => ({
      type: 'button',
      action_id: id,
      text: { type: 'plain_text', text: LABELS[id] },
      value: target,
      ...(id === 'fleet_ack' ? { style: 'primary' } : {}),
    }));
  return [{ type: 'actions', elements }];
}
