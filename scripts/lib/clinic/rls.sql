-- The database's own wall: what pgward puts into the session setting is what row-level security reads.
-- After SET LOCAL a custom setting reads '' and not NULL, hence NULLIF.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['clinics', 'patients', 'appointments'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY tenant ON %I
      USING (clinic_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
      WITH CHECK (clinic_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)$p$, t);
  END LOOP;
END $$;
ALTER TABLE lab_results ENABLE ROW LEVEL SECURITY;
ALTER TABLE lab_results FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON lab_results
  USING (tenant_no = NULLIF(current_setting('app.tenant_no', true), '')::int)
  WITH CHECK (tenant_no = NULLIF(current_setting('app.tenant_no', true), '')::int);
ALTER VIEW booked_appointments SET (security_invoker = true);
