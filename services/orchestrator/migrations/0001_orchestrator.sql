-- Up Migration
-- Trading state, days, cycles, the chain behind each order and the audit, by run. Times are epoch milliseconds UTC.

-- What the next decision stands on; one row a run.
CREATE TABLE run_state (
  run              text PRIMARY KEY,
  supervision      jsonb NOT NULL,
  conditions       jsonb NOT NULL,
  -- Newest figures of equity.marked, also of a cycle that is not decided yet.
  equity           jsonb,
  exec_sequence    bigint NOT NULL,
  applied_epoch    bigint NOT NULL,
  decided_cycle    text,
  cycles_completed bigint NOT NULL,
  cycles_timed_out bigint NOT NULL,
  -- End of the audit chain: a missing tail is found by it.
  audit_sequence   bigint NOT NULL,
  audit_hash       text NOT NULL
) WITH (fillfactor = 50);

-- Every state that was held, in the order of its epochs.
CREATE TABLE trading_state (
  run        text NOT NULL,
  epoch      bigint NOT NULL CHECK (epoch > 0),
  mode       text NOT NULL CHECK (mode IN ('ACTIVE', 'REDUCING', 'HALTED')),
  reason     text NOT NULL,
  cause      text,
  detail     text NOT NULL,
  actor      text NOT NULL,
  cycle_id   text,
  flatten_id text,
  day        text,
  since      bigint NOT NULL,
  PRIMARY KEY (run, epoch)
);

CREATE TABLE trading_days (
  run              text NOT NULL,
  day              text NOT NULL,
  opened_at        bigint NOT NULL,
  opening_equity   numeric NOT NULL,
  net_deposits     double precision NOT NULL,
  target_reached   boolean NOT NULL,
  loss_cap_reached boolean NOT NULL,
  closed_at        bigint,
  closing_equity   numeric,
  pnl_pct          double precision,
  PRIMARY KEY (run, day)
);

CREATE TABLE cycles (
  run          text NOT NULL,
  cycle_id     text NOT NULL,
  -- A bar set's, or orders outside of one: the sells of a flatten, a person's request.
  kind         text NOT NULL CHECK (kind IN ('bars', 'orders')),
  -- Cycle whose mark asked for the flatten.
  parent       text,
  open_time    bigint NOT NULL,
  -- Wall time, for the latency.
  opened_at    bigint,
  completed_at bigint,
  status       text NOT NULL CHECK (status IN ('open', 'planned', 'complete', 'settled', 'timed-out')),
  proposals    jsonb,
  mark         jsonb,
  decided      boolean NOT NULL,
  flatten_id   text,
  timed_out    boolean NOT NULL,
  state_epoch  bigint,
  -- Bar and signal of each symbol; emptied when the cycle proposes nothing.
  inputs       jsonb NOT NULL,
  PRIMARY KEY (run, cycle_id)
) WITH (fillfactor = 70);
CREATE INDEX cycles_by_time ON cycles (run, open_time DESC);
CREATE INDEX cycles_unfinished ON cycles (run) WHERE status NOT IN ('settled', 'timed-out');

-- What risk said to each proposal.
CREATE TABLE decisions (
  run             text NOT NULL,
  proposal_id     text NOT NULL,
  client_order_id text NOT NULL,
  cycle_id        text NOT NULL,
  symbol          text NOT NULL,
  outcome         text NOT NULL CHECK (outcome IN ('approved', 'denied')),
  code            text,
  message         text NOT NULL,
  quantity        numeric,
  figures         jsonb NOT NULL,
  proposal        jsonb,
  decided_at      bigint NOT NULL,
  PRIMARY KEY (run, proposal_id)
);
CREATE INDEX decisions_by_time ON decisions (run, decided_at DESC);
CREATE INDEX decisions_by_order ON decisions (run, client_order_id);

-- What became of each order of ours at the venue.
CREATE TABLE orders (
  run             text NOT NULL,
  proposal_id     text NOT NULL,
  client_order_id text NOT NULL,
  venue_order_id  text,
  cycle_id        text,
  symbol          text NOT NULL,
  side            text NOT NULL CHECK (side IN ('buy', 'sell')),
  type            text NOT NULL,
  purpose         text NOT NULL,
  quantity        numeric NOT NULL,
  limit_price     numeric,
  trigger_price   numeric,
  state           text NOT NULL,
  acknowledged    boolean NOT NULL,
  filled          numeric NOT NULL,
  reason          text NOT NULL,
  accepted_at     bigint,
  changed_at      bigint NOT NULL,
  -- Last exec.status sequence about it.
  sequence        bigint NOT NULL,
  PRIMARY KEY (run, proposal_id)
) WITH (fillfactor = 70);
CREATE INDEX orders_by_sequence ON orders (run, sequence DESC);
CREATE INDEX orders_by_order ON orders (run, client_order_id);
CREATE INDEX orders_by_cycle ON orders (run, cycle_id);

CREATE TABLE fills (
  run            text NOT NULL,
  symbol         text NOT NULL,
  trade_id       text NOT NULL,
  proposal_id    text NOT NULL,
  price          numeric NOT NULL,
  quantity       numeric NOT NULL,
  quote_quantity numeric NOT NULL,
  fee            numeric NOT NULL,
  fee_asset      text NOT NULL,
  maker          boolean NOT NULL,
  filled_at      bigint NOT NULL,
  PRIMARY KEY (run, symbol, trade_id)
);
CREATE INDEX fills_by_proposal ON fills (run, proposal_id);

-- hash = sha256(previous hash + body). What can be asked for is read out of the body, so that no column can differ.
CREATE TABLE audit_events (
  run      text NOT NULL,
  sequence bigint NOT NULL CHECK (sequence > 0),
  body     text NOT NULL,
  hash     text NOT NULL,
  kind     text GENERATED ALWAYS AS ((body::json) ->> 'kind') STORED,
  PRIMARY KEY (run, sequence)
);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_events are only ever added to';
END
$$;
CREATE TRIGGER audit_events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- Down Migration
DROP TABLE audit_events, fills, orders, decisions, cycles, trading_days, trading_state, run_state;
DROP FUNCTION refuse_audit_change();
