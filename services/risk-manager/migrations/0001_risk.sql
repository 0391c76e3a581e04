-- Up Migration
-- Decisions, reservations and what the gate judges by, by run. Times are epoch milliseconds UTC of market time.

CREATE TABLE decisions (
  run          text NOT NULL,
  proposal_id  text NOT NULL,
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
  figures      jsonb NOT NULL,
  verdict      jsonb NOT NULL,
  -- Market time of the proposal.
  decided_at   bigint NOT NULL,
  PRIMARY KEY (run, proposal_id)
);
CREATE INDEX decisions_by_time ON decisions (run, decided_at DESC);

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
  frozen            jsonb NOT NULL,
  -- Newest bar set of which all bars have come, and the one that is coming.
  complete_set      bigint NOT NULL,
  open_set          jsonb
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
