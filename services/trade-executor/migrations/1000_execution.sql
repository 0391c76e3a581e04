-- Up Migration
-- What the executor knows, by run. Times are epoch milliseconds UTC; market time unless a comment says wall.

-- Every order: approved ones, the executor's own stops and emergency sells, and manual proposals until risk answers.
create table orders (
  run             text not null,
  client_order_id text not null,
  proposal_id     text not null,
  cycle_id        text not null,
  symbol          text not null,
  side            text not null check (side in ('buy', 'sell')),
  type            text not null check (type in ('market', 'limit', 'stop')),
  purpose         text not null,
  sequence        integer not null check (sequence >= 0),
  quantity        numeric not null check (quantity > 0),
  limit_price     numeric check (limit_price > 0),
  trigger_price   numeric check (trigger_price > 0),
  stop_distance   numeric check (stop_distance > 0),
  reference_price numeric check (reference_price > 0),
  flatten_id      text,
  state_epoch     bigint not null,
  expires_at      bigint,
  reason          text not null,
  state           text not null check (state in
    ('PROPOSED', 'AUTHORISED', 'SUBMITTING', 'ACCEPTED', 'PARTIALLY_FILLED', 'FILLED', 'REJECTED',
     'CANCEL_PENDING', 'CANCELED', 'EXPIRED', 'UNKNOWN')),
  filled          numeric not null check (filled >= 0),
  venue_order_id  text,
  traceparent     text not null,
  request_id      text not null,
  primary key (run, client_order_id)
) with (fillfactor = 70);
create unique index orders_by_proposal on orders (run, proposal_id);
create index orders_open on orders (run)
  where state in ('AUTHORISED', 'SUBMITTING', 'ACCEPTED', 'PARTIALLY_FILLED', 'CANCEL_PENDING', 'UNKNOWN');
create index orders_by_venue_id on orders (run, symbol, venue_order_id);

-- Every trade of the account that was booked, ours and (external) others', with the venue's own numbers.
create table fills (
  run             text not null,
  symbol          text not null,
  trade_id        bigint not null,
  client_order_id text not null,
  venue_order_id  text not null,
  side            text not null check (side in ('buy', 'sell')),
  price           numeric not null check (price > 0),
  quantity        numeric not null check (quantity > 0),
  quote_quantity  numeric not null check (quote_quantity >= 0),
  fee             numeric not null check (fee >= 0),
  fee_asset       text not null,
  maker           boolean not null,
  external        boolean not null,
  time            bigint not null,
  primary key (run, symbol, trade_id)
);
create index fills_by_order on fills (run, client_order_id);

-- One row a request to the venue, committed before it is sent. Rows that are not settled drive recovery.
create table intents (
  run                    text not null,
  id                     bigint not null,
  symbol                 text not null,
  kind                   text not null check (kind in ('place', 'cancel', 'replace')),
  client_order_id        text not null,
  cancel_client_order_id text,
  -- 1 for the first request of a command; each repetition is a row of its own.
  attempt                integer not null check (attempt > 0),
  request                jsonb not null,
  -- Wall time that the request carries, and how long after it the venue still takes it.
  timestamp              bigint not null,
  recv_window_ms         integer not null check (recv_window_ms between 1 and 2000),
  -- absent: the venue has proven not to hold it, and it is to be sent again.
  state                  text not null check (state in ('open', 'absent', 'settled')),
  outcome                text,
  primary key (run, id)
) with (fillfactor = 70);
create index intents_unsettled on intents (run) where state <> 'settled';
create index intents_by_order on intents (run, client_order_id);

-- One row a symbol: position, protection and what waits.
create table symbol_states (
  run                text not null,
  symbol             text not null,
  held               numeric not null,
  entry_quantity     numeric not null,
  entry_quote        numeric not null,
  distance           numeric,
  trigger            numeric,
  stop               text,
  own_sequence       integer not null,
  entry_cycle_id     text not null,
  emergency          boolean not null,
  unprotectable      boolean not null,
  -- Client order ids in order.
  waiting            jsonb not null,
  cancels            jsonb not null,
  -- The command whose answer is awaited: {kind, order, cancel}.
  busy               jsonb,
  last_trade_id      bigint not null,
  -- Every trade up to this id is booked: REST has confirmed it.
  confirmed_trade_id bigint not null,
  primary key (run, symbol)
) with (fillfactor = 50);

create table account_states (
  run             text primary key,
  -- Last sequence of exec.status.
  sequence        bigint not null,
  last_intent_id  bigint not null,
  -- False until the first snapshot has opened the ledger.
  opened          boolean not null,
  -- Total by asset, as the bookings give it.
  balances        jsonb not null,
  market          bigint not null,
  bar_time        bigint not null,
  epoch           bigint not null,
  trading         jsonb,
  -- Trading states that were stored and not confirmed yet.
  unconfirmed     jsonb not null
) with (fillfactor = 50);

create table reconciliations (
  run            text not null,
  sequence       bigint not null,
  time           bigint not null,
  cause          text not null,
  clean          boolean not null,
  differences    jsonb not null,
  frozen_symbols jsonb not null,
  stored_at      timestamptz not null default now(),
  primary key (run, sequence)
);

-- Orders of the account that this fleet did not send.
create table external_orders (
  run             text not null,
  symbol          text not null,
  venue_order_id  text not null,
  client_order_id text not null,
  side            text not null,
  type            text not null,
  status          text not null,
  quantity        numeric not null,
  executed        numeric not null,
  time            bigint not null,
  primary key (run, symbol, venue_order_id)
);

-- What exec.status said of an order, for GET /trade/status.
create table order_events (
  run             text not null,
  sequence        bigint not null,
  client_order_id text not null,
  type            text not null,
  state           text not null,
  time            bigint not null,
  detail          text not null,
  stored_at       timestamptz not null default now(),
  primary key (run, sequence)
);
create index order_events_by_order on order_events (run, client_order_id, sequence);

-- Down Migration
drop table order_events, external_orders, reconciliations, account_states, symbol_states, intents, fills, orders;
