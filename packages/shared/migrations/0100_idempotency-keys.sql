-- Up Migration
-- Answers to requests with an Idempotency-Key, so that a repetition gets the first answer and does nothing.
-- In the schema of the service; kept 48 hours.
create table idempotency_keys (
  key text primary key check (char_length(key) between 1 and 255),
  fingerprint text not null,
  status integer check (status between 100 and 599),
  body text,
  begun_at timestamptz not null default now(),
  finished_at timestamptz
);
create index idempotency_keys_begun_at on idempotency_keys (begun_at);

-- Down Migration
drop table idempotency_keys;
