-- Up Migration
-- Decisions, reservations and what the gate judges by, by run. Times are epoch milliseconds UTC of market time.

CREATE TABLE decisions (
  run          text NOT NULL,
  proposal_id  text NOT NULL,
  -- Count of the run's decisions: what is kept in memory is the newest of these.
  ordinal      bigint NOT NULL,
  payload_hash text NOT NULL,
  cycle_id     text NOT NULL,
  symbol       text NOT NULL,
  side         text NOT NULL CHECK (side IN ('buy', 'sell')),
  purpose      text NOT NULL,
  outcome      text NOT NULL CHECK (outcome IN ('approved', 'denied')),
  -- Risk code of a denial, or of the limit that made an approval smaller.
  code         text,
  requested    numeric NOT NULL,
  approved     numeric,
  reference    numeric NOT NULL,
  -- json, not jsonb: a repeated question gets the same answer, its figures in the same order.
  figures      json NOT NULL,
  verdict      json NOT NULL,
  -- Market time of the proposal.
  decided_at   bigint NOT NULL,
  PRIMARY KEY (run, proposal_id)
);
CREATE INDEX decisions_by_time ON decisions (run, decided_at DESC);
CREATE UNIQUE INDEX decisions_by_ordinal ON decisions (run, ordinal DESC);

-- What approvals hold back; a row goes when its order has filled or ended.
CREATE TABLE reservations (
  run             text NOT NULL,
  proposal_id     text NOT NULL,
  symbol          text NOT NULL,
  side            text NOT NULL,
  purpose         text NOT NULL,
  reference_price numeric NOT NULL,
  remaining       numeric NOT NULL CHECK (remaining > 0),
  quote_per_unit  numeric NOT NULL,
  loss_per_unit   double precision NOT NULL,
  PRIMARY KEY (run, proposal_id)
) WITH (fillfactor = 50);

CREATE TABLE account_state (
  run               text PRIMARY KEY,
  ledger_version    bigint NOT NULL,
  balances          jsonb NOT NULL,
  trading           jsonb,
  day               jsonb,
  target_locked_day text,
  -- By symbol and cause.
  frozen            json NOT NULL,
  -- Newest bar set of which all bars have come, and those that are coming.
  complete_set      bigint NOT NULL,
  open_sets         jsonb NOT NULL,
  decision_count    bigint NOT NULL,
  -- Newest proposal time of a decision that is no longer in memory, -1 while all are.
  forgotten_until   bigint NOT NULL,
  -- Newest bar close that was carried: the market clock of a replay.
  market            bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE symbol_state (
  run         text NOT NULL,
  symbol      text NOT NULL,
  bar_time    bigint NOT NULL,
  close_time  bigint NOT NULL,
  close       double precision NOT NULL,
  implausible text,
  previous    jsonb,
  history     jsonb NOT NULL,
  protection  jsonb NOT NULL,
  PRIMARY KEY (run, symbol)
) WITH (fillfactor = 50);

-- Down Migration
DROP TABLE symbol_state, account_state, reservations, decisions;
