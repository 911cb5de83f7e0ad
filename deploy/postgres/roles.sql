-- Who may do what in Rolemill's database: a role for each kind of process, and two for people. Run it with psql in that database, as a
-- superuser or as a role that may create roles and owns the database:
--
--   1. psql -d rolemill -f roles.sql -v owner_password=…       makes the roles
--   2. rolemill migrate --db postgres://rolemill_owner:…        makes the tables, which the owner then owns
--   3. psql -d rolemill -f roles.sql -v stage_password=… …      grants what each needs of them
--
-- It can be run any number of times, and is to be run again after every migration: it takes from these roles whatever is not written
-- below. A table that is not there yet is skipped; one that nobody is granted anything of is told.
--
-- Passwords: owner_password, stage_password, persistence_password, archive_password, analyst_password, curator_password and
-- reader_password, each a SCRAM-SHA-256 verifier or plain text (which a server that logs statements then logs too). A role keeps the one
-- it has where none is given, and cannot log in with a password until it has one.
--
-- Erasing (`rolemill runs purge`), and adding and removing webhooks, are left to the owner.
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;

-- The roles.
CREATE TEMPORARY TABLE wanted_roles (role text PRIMARY KEY, connections integer NOT NULL, meaning text NOT NULL) ON COMMIT DROP;
INSERT INTO wanted_roles VALUES
  ('rolemill_owner',        5,  'Rolemill: owns the tables; migrations and erasing'),
  ('rolemill_stage',        -1, 'Rolemill: the workers parse, signals, decision and enrichment'),
  ('rolemill_persistence',  -1, 'Rolemill: the worker that writes the answers'),
  ('rolemill_archive',      20, 'Rolemill: the ledger, dead letters, replay and webhooks'),
  ('rolemill_analyst',      20, 'Rolemill: reads everything, edits, archives and replays dead letters, cancels and re-emits runs'),
  ('rolemill_curator',      20, 'Rolemill: reads everything, decides reviews and writes library versions'),
  ('rolemill_reader',       20, 'Rolemill: reads everything but secrets');

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', role)
FROM wanted_roles WHERE to_regrole(role) IS NULL
\gexec
SELECT format('ALTER ROLE %I CONNECTION LIMIT %s', role, connections) FROM wanted_roles
\gexec
SELECT format('COMMENT ON ROLE %I IS %L', role, meaning) FROM wanted_roles
\gexec
-- A statement that hangs would keep its locks and its connection; migrations may take long.
SELECT format('ALTER ROLE %I IN DATABASE %I SET %s', role, current_database(), setting)
FROM wanted_roles, (VALUES
  ('statement_timeout = ''60s'''), ('lock_timeout = ''10s'''), ('idle_in_transaction_session_timeout = ''60s''')) AS settings(setting)
WHERE role <> 'rolemill_owner'
\gexec
ALTER ROLE rolemill_reader SET default_transaction_read_only = on;

\if :{?owner_password}
ALTER ROLE rolemill_owner PASSWORD :'owner_password';
\endif
\if :{?stage_password}
ALTER ROLE rolemill_stage PASSWORD :'stage_password';
\endif
\if :{?persistence_password}
ALTER ROLE rolemill_persistence PASSWORD :'persistence_password';
\endif
\if :{?archive_password}
ALTER ROLE rolemill_archive PASSWORD :'archive_password';
\endif
\if :{?analyst_password}
ALTER ROLE rolemill_analyst PASSWORD :'analyst_password';
\endif
\if :{?curator_password}
ALTER ROLE rolemill_curator PASSWORD :'curator_password';
\endif
\if :{?reader_password}
ALTER ROLE rolemill_reader PASSWORD :'reader_password';
\endif

-- Who runs this acts for the owner below.
SELECT format('GRANT rolemill_owner TO %I', current_user) WHERE NOT pg_has_role(current_user, 'rolemill_owner', 'MEMBER')
\gexec

-- The database and its schema: only these roles come in, only the owner makes tables.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database())
\gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role) FROM wanted_roles
\gexec
SELECT format('GRANT USAGE ON SCHEMA public TO %I', role) FROM wanted_roles
\gexec
GRANT CREATE ON SCHEMA public TO rolemill_owner;

-- The tables.
CREATE TEMPORARY TABLE tables (part text NOT NULL, name text PRIMARY KEY) ON COMMIT DROP;
INSERT INTO tables SELECT part, unnest(names) FROM (VALUES
  -- Read at every start: whether the database is of the program's version.
  ('@migrations', ARRAY['seaql_migrations']),
  ('@history', ARRAY['library_versions', 'library_changes', 'library_files', 'library_states']),
  ('@library', ARRAY[
    'domains', 'clusters', 'dimensions', 'categories', 'sub_categories', 'skills', 'skill_aliases', 'skill_tags',
    'skill_relationships', 'skill_dimensions', 'skill_external_ids', 'roles', 'role_aliases', 'role_kras', 'role_skills',
    'role_dimensions', 'role_centroids', 'role_exposures', 'background_sentences', 'companies']),
  ('@runs', ARRAY[
    'runs', 'run_attempts', 'documents', 'document_bands', 'near_duplicates', 'link_outcomes', 'run_artifacts', 'collision_log',
    'model_calls', 'centroid_updates']),
  ('@reviews', ARRAY['review_items', 'review_evidence', 'review_companies']),
  ('@audit', ARRAY['audit_log']),
  ('@ledger', ARRAY['accepted_runs']),
  ('@dead', ARRAY['dead_letters', 'dead_groups']),
  ('@replay', ARRAY['replay_batches', 'replay_items']),
  ('@shared', ARRAY['rate_limits', 'rate_leases', 'breakers']),
  ('@models', ARRAY['model_answers', 'model_reservations', 'model_spend']),
  ('@webhooks', ARRAY['webhooks', 'webhook_deliveries'])
) AS parts(part, names);

-- What each may do with them; `what` names tables, or with an @ a part of the list above.
CREATE TEMPORARY TABLE grants (role text NOT NULL, privileges text NOT NULL, what text NOT NULL) ON COMMIT DROP;
INSERT INTO grants
SELECT role, privileges, unnest(what) FROM (VALUES
  -- The library a run is pinned to; whether its input was answered before; limits that all replicas keep together.
  ('rolemill_stage', 'SELECT', ARRAY['@migrations', '@history', '@library', 'runs', 'run_attempts']),
  ('rolemill_stage', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['@shared']),
  -- What language models answered and cost; that a run waits for money.
  ('rolemill_stage', 'SELECT, INSERT, UPDATE', ARRAY['model_answers', 'model_spend']),
  ('rolemill_stage', 'SELECT, INSERT, DELETE', ARRAY['model_reservations']),
  ('rolemill_stage', 'SELECT (run_id, state), UPDATE (state, settled_at)', ARRAY['accepted_runs']),

  ('rolemill_persistence', 'SELECT', ARRAY['@migrations', '@history', '@library']),
  ('rolemill_persistence', 'SELECT, INSERT, UPDATE', ARRAY['runs', 'documents', 'review_items', 'accepted_runs']),
  ('rolemill_persistence', 'SELECT, INSERT', ARRAY[
    'run_attempts', 'document_bands', 'role_dimensions', 'centroid_updates', 'review_evidence', 'review_companies']),
  ('rolemill_persistence', 'INSERT', ARRAY['near_duplicates', 'link_outcomes', 'run_artifacts', 'collision_log', 'model_calls']),

  ('rolemill_archive', 'SELECT', ARRAY['@migrations', '@history', '@library', 'run_attempts', 'documents', 'webhooks']),
  ('rolemill_archive', 'SELECT, INSERT, UPDATE', ARRAY['runs', '@ledger', 'dead_groups', '@replay']),
  ('rolemill_archive', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['dead_letters', 'webhook_deliveries']),
  -- A webhook whose receiver is gone is switched off.
  ('rolemill_archive', 'UPDATE', ARRAY['webhooks']),
  ('rolemill_archive', 'INSERT', ARRAY['@audit']),
  -- Forgetting what is old.
  ('rolemill_archive', 'SELECT, DELETE', ARRAY['model_answers', 'model_spend']),

  ('rolemill_reader', 'SELECT', ARRAY[
    '@migrations', '@history', '@library', '@runs', '@reviews', '@audit', '@ledger', '@dead', '@replay', '@shared', '@models',
    'webhook_deliveries']),

  ('rolemill_analyst', 'UPDATE', ARRAY['dead_letters']),
  ('rolemill_analyst', 'INSERT, UPDATE', ARRAY['dead_groups', '@replay']),
  ('rolemill_analyst', 'INSERT', ARRAY['@audit']),
  -- Cancelling runs, and sending stranded ones once more: how they stand changes, not what was sent or found.
  ('rolemill_analyst', 'INSERT, UPDATE (status, attempt, reason, finished_at)', ARRAY['runs']),
  ('rolemill_analyst', 'UPDATE (state, settled_at, sent_at, emitted)', ARRAY['accepted_runs']),
  -- Having webhooks told again. Who is told what, and where, is the owner's decision.
  ('rolemill_analyst', 'UPDATE (state, tries, next_at)', ARRAY['webhook_deliveries']),
  ('rolemill_analyst', 'UPDATE (active, reason)', ARRAY['webhooks']),

  ('rolemill_curator', 'UPDATE', ARRAY['review_items']),
  ('rolemill_curator', 'INSERT', ARRAY['library_versions', 'library_changes', '@audit']),
  ('rolemill_curator', 'INSERT, UPDATE', ARRAY['library_states']),
  ('rolemill_curator', 'INSERT, UPDATE, DELETE', ARRAY['@library'])
) AS wishes(role, privileges, what);
-- Both of the people that change something read what a reader reads.
INSERT INTO grants
SELECT person, privileges, what FROM grants, (VALUES ('rolemill_analyst'), ('rolemill_curator')) AS people(person)
WHERE role = 'rolemill_reader';

SELECT format('ALTER TABLE %I.%I OWNER TO rolemill_owner', schemaname, tablename)
FROM pg_tables JOIN tables ON name = tablename WHERE schemaname = 'public' AND tableowner <> 'rolemill_owner'
\gexec
SELECT format('REVOKE ALL ON %s %s FROM %I', kind, pg_class.oid::regclass, role)
FROM pg_class JOIN (VALUES ('r', 'TABLE'), ('S', 'SEQUENCE')) AS kinds(letter, kind) ON relkind::text = letter, wanted_roles
WHERE relowner = 'rolemill_owner'::regrole AND relnamespace = 'public'::regnamespace AND role <> 'rolemill_owner'
\gexec
SELECT format('GRANT %s ON public.%I TO %I', privileges, name, role)
FROM grants JOIN tables ON what IN (name, part) JOIN pg_tables ON schemaname = 'public' AND tablename = name
\gexec
-- Everybody but the workers that sign with them is kept from the webhooks' secrets.
SELECT format('GRANT SELECT (id, url, events, active, reason, created_by, created_at) ON public.webhooks TO %I', role)
FROM (VALUES ('rolemill_reader'), ('rolemill_analyst'), ('rolemill_curator')) AS people(role)
WHERE to_regclass('public.webhooks') IS NOT NULL
\gexec
-- Whoever inserts draws numbers.
SELECT DISTINCT format('GRANT USAGE ON SEQUENCE %s TO %I', sequence.oid::regclass, role)
FROM grants
JOIN tables ON what IN (name, part)
JOIN pg_depend ON refobjid = to_regclass(format('public.%I', name)) AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i')
JOIN pg_class AS sequence ON sequence.oid = objid AND classid = 'pg_class'::regclass AND sequence.relkind = 'S'
WHERE privileges LIKE '%INSERT%'
\gexec

DO $$
DECLARE
  told text;
BEGIN
  SELECT string_agg(tablename, ', ' ORDER BY tablename) INTO told
  FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN (SELECT name FROM tables);
  IF told IS NOT NULL THEN RAISE WARNING 'nobody but their owner is granted anything of: %', told; END IF;
  SELECT string_agg(name, ', ' ORDER BY name) INTO told FROM tables WHERE to_regclass(format('public.%I', name)) IS NULL;
  IF to_regclass('public.seaql_migrations') IS NULL THEN
    RAISE NOTICE 'the tables are not there yet: migrate, then run this once more';
  ELSIF told IS NOT NULL THEN
    RAISE NOTICE 'not there yet: %', told;
  END IF;
END
$$;
COMMIT;
