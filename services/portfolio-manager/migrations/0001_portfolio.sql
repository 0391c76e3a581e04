-- Up Migration
-- Ledger, positions, equity and proposals, by run. Times are epoch milliseconds UTC of market time.

CREATE TABLE account_state (
  run            text PRIMARY KEY,
  ledger_version bigint NOT NULL,
  day            text,
  trading        jsonb,
  -- Open time of the newest planned bar set, -1 before the first.
  planned_set    bigint NOT NULL,
  opening_marked boolean NOT NULL,
  journal_seq    bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE balances (
  run    text NOT NULL,
  asset  text NOT NULL,
  amount numeric NOT NULL,
  PRIMARY KEY (run, asset)
) WITH (fillfactor = 50);

CREATE TABLE positions (
  run          text NOT NULL,
  symbol       text NOT NULL,
  cost         numeric NOT NULL,
  realised_pnl numeric NOT NULL,
  fees         numeric NOT NULL,
  slippage     numeric NOT NULL,
  -- Stopped out: no entry until the signal has been 0 once.
  blocked      boolean NOT NULL,
  last_signal  jsonb,
  PRIMARY KEY (run, symbol)
) WITH (fillfactor = 50);

-- Double entry: the postings of an entry sum to zero in every asset. Never updated, never deleted.
CREATE TABLE ledger_entries (
  run         text NOT NULL,
  entry       bigint NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('opening', 'fill', 'transfer')),
  -- Trade id of a fill; the event's id otherwise.
  source      text NOT NULL,
  symbol      text,
  proposal_id text,
  time        bigint NOT NULL,
  PRIMARY KEY (run, entry)
);

CREATE TABLE ledger_postings (
  run     text NOT NULL,
  entry   bigint NOT NULL,
  line    integer NOT NULL,
  account text NOT NULL,
  asset   text NOT NULL,
  amount  numeric NOT NULL,
  PRIMARY KEY (run, entry, line)
);

CREATE TABLE equity (
  run            text NOT NULL,
  open_time      bigint NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('opening', 'cycle')),
  cycle_id       text NOT NULL,
  day            text NOT NULL,
  equity         numeric NOT NULL,
  equity_mark    double precision NOT NULL,
  cash           numeric NOT NULL,
  realised_pnl   numeric NOT NULL,
  unrealised_pnl numeric NOT NULL,
  fees           numeric NOT NULL,
  PRIMARY KEY (run, open_time, kind)
);

-- Closes of each symbol by number: what the volatility windows are rebuilt from.
CREATE TABLE marks (
  run       text NOT NULL,
  symbol    text NOT NULL,
  ordinal   bigint NOT NULL,
  open_time bigint NOT NULL,
  close     double precision NOT NULL,
  PRIMARY KEY (run, symbol, ordinal)
);

CREATE TABLE proposals (
  run         text NOT NULL,
  proposal_id text NOT NULL,
  cycle_id    text NOT NULL,
  symbol      text NOT NULL,
  side        text NOT NULL,
  purpose     text NOT NULL,
  sequence    integer NOT NULL,
  quantity    numeric NOT NULL,
  reference   numeric NOT NULL,
  reason      text NOT NULL,
  decided_at  bigint NOT NULL,
  PRIMARY KEY (run, proposal_id)
);

-- Proposals that are neither denied nor ended: their symbol takes no other.
CREATE TABLE working_proposals (
  run         text NOT NULL,
  proposal_id text NOT NULL,
  symbol      text NOT NULL,
  side        text NOT NULL,
  quantity    double precision NOT NULL,
  PRIMARY KEY (run, proposal_id)
);

-- Bar sets of which something has come and something is still to come.
CREATE TABLE open_sets (
  run       text NOT NULL,
  open_time bigint NOT NULL,
  content   jsonb NOT NULL,
  PRIMARY KEY (run, open_time)
) WITH (fillfactor = 50);

-- Down Migration
DROP TABLE open_sets, working_proposals, proposals, marks, equity, ledger_postings, ledger_entries, positions, balances, account_state;
