-- Made-up people: names are letter groups, SSNs start with 9. :per_clinic patients each.
INSERT INTO icd10_codes VALUES
  ('E11.9', 'Type 2 diabetes mellitus'), ('I10', 'Essential hypertension'), ('J45.909', 'Unspecified asthma'),
  ('F32.1', 'Moderate depressive episode'), ('Z00.0', 'General examination');

-- Rows of the clinics are interleaved, as they would be in a table that all of them use.
INSERT INTO patients (id, clinic_id, mrn, first_name, last_name, birth_date, ssn, notes)
SELECT (n - 1) * (SELECT count(*) FROM clinics) + c.place, c.clinic_id,
       upper(left(c.name, 3)) || '-' || lpad(n::text, 5, '0'),
       (ARRAY['Adalyn', 'Bekten', 'Corvane', 'Delphyr', 'Elowen', 'Farrick', 'Gwendal', 'Hesper'])[1 + n % 8],
       (ARRAY['Quillon', 'Rastavyn', 'Sorrelby', 'Tamberlin', 'Umbrick', 'Vanterpol', 'Wexlund'])[1 + n % 7]
         || '-' || left(c.name, 3) || n,
       date '1930-01-01' + (n * 37 % 30000), format('9%s-%s-%s', lpad((c.place * 7)::text, 2, '0'),
         lpad((n / 10000 + 10)::text, 2, '0'), lpad((n % 10000)::text, 4, '0')),
       CASE WHEN n % 5 = 0 THEN 'asks for a call at ' || left(c.name, 3) || '-555-01' || lpad((n % 100)::text, 2, '0') END
FROM generate_series(1, :per_clinic) n, (SELECT *, row_number() OVER (ORDER BY tenant_no) AS place FROM clinics) c
ORDER BY n, c.place;

INSERT INTO appointments (clinic_id, patient_id, starts_at, reason, status)
SELECT p.clinic_id, p.id, timestamptz '2026-01-05 08:00+00' + (p.id * 7 + k * 90 * 1440) % 500000 * interval '1 minute',
       (ARRAY['check-up', 'follow-up', 'vaccination', 'blood pressure'])[1 + (p.id + k) % 4],
       CASE WHEN (p.id + k) % 3 = 0 THEN 'done' ELSE 'booked' END
FROM patients p, generate_series(1, 2) k;

INSERT INTO lab_results (tenant_no, patient_id, test, value, comment)
SELECT c.tenant_no, p.id, (ARRAY['HbA1c', 'glucose', 'LDL'])[1 + k], 4 + (p.id * 13 + k * 7) % 90 / 10.0,
       CASE WHEN (p.id + k) % 4 = 0 THEN 'repeat in a month' END
FROM patients p JOIN clinics c USING (clinic_id), generate_series(0, 1) k;

SELECT setval(pg_get_serial_sequence('patients', 'id'), (SELECT max(id) FROM patients));
