import { defineError } from '@fleet/shared/errors';

export const CandlesUnreadable = defineError({
  code: 'CANDLES_UNREADABLE',
  title: 'A candle file cannot be used',
  status: 500,
  retry: 'crash',
  action: 'Correct or replace the file that the message names, then start again.',
});

export const MarketInvalid = defineError({
  code: 'MARKET_INVALID',
  title: 'The market of the simulator cannot be made of what was given',
  status: 500,
  retry: 'crash',
  action: 'Correct the option that the message names, then start again.',
});

export const InstrumentMissing = defineError({
  code: 'INSTRUMENT_MISSING',
  title: 'A symbol has no instrument',
  status: 500,
  retry: 'crash',
  action: 'Add the symbol with its filters to config/instruments.yaml, or leave its candles out.',
});

export const JournalUnusable = defineError({
  code: 'JOURNAL_UNUSABLE',
  title: 'The journal of the simulator cannot be continued',
  status: 500,
  retry: 'crash',
  action: 'Start with the options of the run in the journal, or begin a new run with --fresh.',
});

export const SimulatorCannotListen = defineError({
  code: 'SIMULATOR_CANNOT_LISTEN',
  title: 'The simulator cannot listen at its address',
  status: 500,
  retry: 'crash',
  action: 'Stop the program that listens there (ss -ltnp shows it), or choose another port; 0 takes any.',
});

export const JournalUnwritable = defineError({
  code: 'JOURNAL_UNWRITABLE',
  title: 'The journal of the simulator cannot be written',
  status: 500,
  retry: 'crash',
  action: 'Free disk space or correct the folder, then start again: the run goes on from what is written.',
});
