-- Up Migration
-- A group of alerts that belong together, from its first firing alert until all are resolved. It has a row in
-- notifications of the same id, so that it is listed, delivered and acknowledged like everything people are told.
create table incidents (
  run           text not null,
  id            text not null,
  partition     integer not null,
  -- Alertmanager's own name of the group.
  group_key     text not null,
  status        text not null check (status in ('open', 'resolved')),
  severity      text not null check (severity in ('info', 'warning', 'critical')),
  title         text not null,
  labels        jsonb not null,
  -- By fingerprint: what is known of each alert last.
  alerts        jsonb not null,
  firings       integer not null check (firings > 0),
  -- The channel of its messages, and once the first is delivered, where Slack keeps it.
  channel       text not null,
  thread        jsonb,
  deliveries    integer not null check (deliveries >= 0),
  opened_at     timestamptz not null,
  changed_at    timestamptz not null,
  -- When Alertmanager last spoke of it: it repeats what still fires.
  heard_at      timestamptz not null,
  resolved_at   timestamptz,
  acked_by      text,
  acked_at      timestamptz,
  silenced_by   text,
  silenced_until timestamptz,
  escalations   integer not null check (escalations >= 0),
  -- The next time that it is told again because nobody took it up.
  escalate_at   timestamptz,
  primary key (run, id),
  check ((status = 'resolved') = (resolved_at is not null))
);
create index incidents_open on incidents (run, partition, status, resolved_at);

-- Silences that somebody asked for; pending rows are set in Alertmanager, also after a crash.
create table silences (
  run             text not null,
  id              text not null,
  partition       integer not null,
  incident_id     text not null,
  matchers        jsonb not null,
  hours           integer not null check (hours between 1 and 24),
  requested_by    text not null,
  requested_at    timestamptz not null,
  status          text not null check (status in ('pending', 'done', 'failed')),
  attempts        integer not null check (attempts >= 0),
  last_error      text,
  alertmanager_id text,
  settled_at      timestamptz,
  primary key (run, id)
);
create index silences_pending on silences (run, partition) where status = 'pending';

-- Each button that was pressed, by the hash of its request's signature: the same request cannot count twice.
create table interactions (
  run        text not null,
  id         text not null,
  partition  integer not null,
  slack_user text not null,
  identity   text not null,
  action     text not null,
  target     text not null,
  outcome    text not null,
  at         timestamptz not null,
  primary key (run, id)
);
create index interactions_by_time on interactions (run, partition, at);

alter table deliveries
  add column action text not null default 'post' check (action in ('post', 'reply', 'update')),
  add column incident_id text,
  -- The message that a reply or an update belongs to, where it is no incident's.
  add column target jsonb,
  add column slack_channel text;
create index deliveries_by_incident on deliveries (run, incident_id) where status = 'pending';

-- Down Migration
alter table deliveries drop column action, drop column incident_id, drop column target, drop column slack_channel;
drop table interactions, silences, incidents;
