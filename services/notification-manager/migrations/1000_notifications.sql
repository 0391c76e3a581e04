-- Up Migration
-- One row for each thing that people are (or were) told; repetitions within the window are counted in it.
create table notifications (
  run           text not null,
  id            text not null,
  partition     integer not null,
  dedupe_key    text not null,
  severity      text not null check (severity in ('info', 'warning', 'critical')),
  code          text not null,
  title         text not null,
  body          text not null,
  figures       jsonb not null,
  raised_by     text not null,
  outcome       text not null check (outcome in ('told', 'stored-only', 'below-minimum')),
  -- How often it was raised; told once, and again each time that its severity rose.
  occurrences   integer not null check (occurrences > 0),
  tellings      integer not null check (tellings >= 0),
  -- Event time.
  first_at      timestamptz not null,
  last_at       timestamptz not null,
  stored_at     timestamptz not null default now(),
  primary key (run, id)
);
create index notifications_by_key on notifications (run, partition, dedupe_key, stored_at desc);
create index notifications_by_time on notifications (run, stored_at desc);

-- What is owed to a channel. Pending rows drive the sending, also after a crash: nothing else remembers them.
create table deliveries (
  run             text not null,
  id              text not null,
  partition       integer not null,
  notification_id text not null,
  -- Order of sending within the partition's channel.
  position        bigint not null,
  channel         text not null,
  message         jsonb not null,
  status          text not null check (status in ('pending', 'sent', 'failed', 'expired', 'stored-only')),
  attempts        integer not null check (attempts >= 0),
  last_error      text,
  slack_ts        text,
  created_at      timestamptz not null,
  settled_at      timestamptz,
  primary key (run, id),
  foreign key (run, notification_id) references notifications (run, id) deferrable initially deferred
);
create index deliveries_pending on deliveries (run, partition, position) where status = 'pending';
create index deliveries_by_notification on deliveries (run, notification_id);

-- Who took a notification up; the first one counts.
create table acks (
  run             text not null,
  notification_id text not null,
  acked_by        text not null,
  note            text not null,
  acked_at        timestamptz not null,
  primary key (run, notification_id)
);

-- Down Migration
drop table acks, deliveries, notifications;
