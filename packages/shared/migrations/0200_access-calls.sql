-- Up Migration
-- Who asked for what: every change and every admin call, granted and refused. Kept 400 days.
create table access_calls (
  position    bigint generated always as identity primary key,
  at          timestamptz not null,
  outcome     text not null check (outcome in ('granted', 'refused')),
  code        text,
  method      text not null,
  path        text not null,
  identity    text,
  role        text,
  fingerprint text,
  service     text,
  address     text not null,
  request_id  text not null,
  trace       text not null
);
create index access_calls_at on access_calls using brin (at);

-- Down Migration
drop table access_calls;
