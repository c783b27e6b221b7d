#!/usr/bin/env python3
"""Log lines with gold spans, from templates that the rules were not written by (scripts/corpus scrub-logs --dir).

  log_lines.py SEED COUNT > lines.jsonl      the form of shared/corpus/scrub/lines.jsonl

Everybody in them is made up: names from syllables and from lists, SSNs from 9xx, phones from 555-01xx.
"""
import json
import random
import sys

SYLLABLES = "bra dor el fen gri hal jo ka lin mor nev or pel quil ras sen tor ul ven wex yor zan".split()
GIVEN = "Tobias Annika Rhiannon Declan Thandiwe Ximena Oluwaseun Siobhan Zdenka Matteo Brigitte Hugo Ines Cedric Noor".split()
FAMILY = "Abernathy Castellanos Dubinsky Eriksson Fitzgerald Gallagher Haverford Iwasaki Jankowski Lindqvist Okonkwo Pemberton Quarles Rasmussen Thibodeaux Underhill Vandermeer Zielinski O'Hara St.Clair".split()
ROADS = "Hawthorn Larkspur Chestnut Meadowbrook Harbor Quarry Prospect Juniper".split()
TOWNS = "Alder Creek|Port Wexley|Millbrook|Saint Orrin|Dunmore Heights|Kestrel Bay".split("|")


class Text(str):
    """A piece of a line with what it is: a type of PHI, or "keep" for what only looks like it."""
    def __new__(cls, text, kind):
        piece = str.__new__(cls, text)
        piece.kind = kind
        return piece


class Person:
    def __init__(self, rng):
        self.rng = rng
        self.given = rng.choice(GIVEN) if rng.random() < .7 else self.made_up()
        self.family = rng.choice(FAMILY) if rng.random() < .7 else self.made_up()
        self.year, self.month, self.day = rng.randint(1928, 2020), rng.randint(1, 12), rng.randint(1, 28)

    def made_up(self):
        return "".join(self.rng.choice(SYLLABLES) for _ in range(3)).capitalize()

    def digits(self, count):
        return "".join(str(self.rng.randint(0, 9)) for _ in range(count))

    def name(self): return Text(f"{self.given} {self.family}", "NAME")
    def first(self): return Text(self.given, "NAME")
    def last(self): return Text(self.family, "NAME")
    def reversed(self): return Text(f"{self.family}, {self.given}", "NAME")
    def shouted(self): return Text(f"{self.family}^{self.given}".upper(), "NAME")
    def born(self): return Text(f"{self.year}-{self.month:02}-{self.day:02}", "DATE")
    def born_us(self): return Text(f"{self.month}/{self.day}/{self.year}", "DATE")
    def born_hl7(self): return Text(f"{self.year}{self.month:02}{self.day:02}", "DATE")
    def visit(self): return Text(f"2025-{self.rng.randint(1, 12):02}-{self.rng.randint(1, 28):02}", "DATE")
    def ssn(self): return Text(f"9{self.digits(2)}-{self.digits(2)}-{self.digits(4)}", "SSN")
    def mrn(self): return Text(self.digits(7), "MRN")
    def phone(self):
        area = self.rng.choice("2345678") + self.digits(2)
        shape = self.rng.choice(["{}-555-01{}", "({}) 555-01{}", "+1{}55501{}", "{}.555.01{}", "+1-{}-555-01{}"])
        return Text(shape.format(area, self.digits(2)), "PHONE")
    def fax(self): return Text(f"({self.rng.choice('2345')}{self.digits(2)}) 555-01{self.digits(2)}", "FAX")
    def mail(self): return Text(f"{self.given[0]}{self.family}{self.digits(2)}@{self.rng.choice(['example.com', 'post.example.net'])}".lower().replace("'", ""), "EMAIL")
    def street(self): return Text(f"{self.rng.randint(1, 9999)} {self.rng.choice(ROADS)} {self.rng.choice(['Blvd', 'Court', 'Drive', 'Street'])}", "GEO")
    def town(self): return Text(self.rng.choice(TOWNS), "GEO")
    def zip(self): return Text("9" + self.digits(4), "GEO")
    def plan(self): return Text(f"{self.rng.choice(['BC', 'UH', 'KP'])}{self.digits(9)}", "HEALTH_PLAN")
    def account(self): return Text(self.digits(10), "ACCOUNT")
    def card(self):
        number = "4" + self.digits(14)
        total = sum(sum(divmod(2 * int(d), 10)) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(number)))
        return Text(number + str(-total % 10), "ACCOUNT")
    def licence(self): return Text(f"{self.rng.choice('ABCDEFG')}{self.digits(8)}", "LICENSE")
    def device(self): return Text(f"{self.rng.choice(['PM', 'IC', 'NX'])}-{self.digits(7)}", "DEVICE")
    def client(self): return Text(f"{self.rng.choice([66, 71, 99, 203])}.{self.rng.randint(0, 255)}.{self.rng.randint(0, 255)}.{self.rng.randint(1, 254)}", "IP")
    def client6(self): return Text(f"2a02:{self.rng.randint(4096, 65535):x}:{self.rng.randint(16, 4095):x}::{self.rng.randint(1, 999):x}", "IP")
    def page(self): return Text(f"https://my.example.org/patients/{self.family.lower().replace(chr(39), '')}-{self.digits(4)}", "URL")


def keep(text): return Text(str(text), "keep")


def sign_of_program(rng):
    hexadecimal = lambda count: "".join(rng.choice("0123456789abcdef") for _ in range(count))
    return {"time": keep(f"2026-03-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:07.{rng.randint(0, 999):03}Z"),
            "stamp": keep(f"2026-03-{rng.randint(1, 28):02} {rng.randint(0, 23):02}:{rng.randint(0, 59):02}:07.{rng.randint(0, 999):03} CET"),
            "uuid": keep(f"{hexadecimal(8)}-{hexadecimal(4)}-4{hexadecimal(3)}-a{hexadecimal(3)}-{hexadecimal(12)}"),
            "trace": keep(hexadecimal(32)), "git": keep(hexadecimal(9)), "pid": keep(rng.randint(200, 65000)),
            "server": keep(f"172.{rng.randint(16, 31)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"),
            "ms": keep(f"{rng.randint(0, 90)}.{rng.randint(0, 999):03}"), "count": keep(rng.randint(1, 400)),
            "money": keep(f"${rng.randint(10, 99)},{rng.randint(100, 999)}.50"), "icd": keep(f"{rng.choice('EIJM')}{rng.randint(10, 99)}.{rng.randint(0, 9)}"),
            "version": keep(f"{rng.randint(1, 20)}.{rng.randint(0, 30)}.{rng.randint(0, 9)}"), "host": keep(rng.choice(["db-2.prod.internal", "worker-9.cluster.local"])),
            "order": keep(f"INV-{rng.randint(100000, 999999)}")}


def postgres(p, s):
    return [("pg-stderr", [s["stamp"], " [", s["pid"], "]: [7-1] user=ehr,db=ward,app=api,client=", s["server"], " LOG:  execute S_3: UPDATE persons SET surname = '", p.last(), "', phone = '", p.phone(), "' WHERE person_no = ", p.mrn()]),
            ("pg-stderr", [s["stamp"], " [", s["pid"], "] ERROR:  value too long for type character varying(", s["count"], ")"]),
            ("pg-stderr", [s["stamp"], " [", s["pid"], "] DETAIL:  Key (tax_code, birth)=(", p.ssn(), ", ", p.born(), ") is not present in table \"persons\"."]),
            ("pg-stderr", [s["stamp"], " [", s["pid"], "] DETAIL:  parameters: $1 = '", p.name(), "', $2 = '", p.mail(), "', $3 = NULL"]),
            ("pg-stderr", [s["stamp"], " [", s["pid"], "] CONTEXT:  COPY persons, line ", s["count"], ", column birth: \"", p.born_us(), "\""]),
            ("pg-stderr", [s["stamp"], " [", s["pid"], "] WARNING:  there is no transaction in progress"]),
            ("pg-stderr", [s["stamp"], " [", s["pid"], "] LOG:  checkpoint complete: wrote ", s["count"], " buffers (0.3%); write=", s["ms"], " s, sync=0.002 s"]),
            ("pg-stderr", [s["stamp"], " [", s["pid"], "] LOG:  could not receive data from client: Connection reset by peer"]),
            ("pg-stderr", [s["stamp"], " [", s["pid"], "] FEHLER:  doppelter Schlüsselwert verletzt Unique-Constraint »persons_tax_code_key«"]),
            ("pg-stderr", [s["stamp"], " [", s["pid"], "] DETAIL:  Schlüssel »(tax_code)=(", p.ssn(), ")« existiert bereits."]),
            ("pg-json", ['{"timestamp":"', s["stamp"], '","pid":', s["pid"], ',"error_severity":"ERROR","state_code":"23505","message":"duplicate key value violates unique constraint \\"persons_pkey\\"","detail":"Key (person_no)=(', p.mrn(), ') already exists.","statement":"insert into persons values (', p.mrn(), ", '", p.last().replace("'", "''") and Text(p.last().replace("'", "''"), "NAME"), "')\"", "}"])]


def programs(p, s):
    return [("python", ["psycopg2.errors.InvalidTextRepresentation: invalid input syntax for type uuid: \"", p.mail(), "\""]),
            ("python", ["ValueError: could not parse birth date '", p.born_us(), "' for patient ", p.name()]),
            ("java", [s["time"], " ERROR 1 --- [nio-8080-exec-", s["count"], "] c.e.PatientController : No chart for ", p.name(), " (dob ", p.born_us(), ")"]),
            ("java", ["\tat com.example.ehr.ChartService.load(ChartService.java:", s["count"], ")"]),
            ("java", ["Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after ", s["count"], "ms."]),
            ("node", ["  { firstName: '", p.first(), "', phone: '", p.phone(), "', retries: ", s["count"], " }"]),
            ("ruby", ["  Parameters: {\"person\"=>{\"last_name\"=>\"", p.last(), "\", \"email\"=>\"", p.mail(), "\"}, \"commit\"=>\"Save\"}"]),
            ("go", ["level=warn ts=", s["time"], " caller=sms.go:", s["count"], " msg=\"undeliverable\" mobile=", p.phone(), " err=\"timeout\""]),
            ("kv", ["ts=", s["time"], " event=merge source_mrn=", p.mrn(), " target_mrn=", p.mrn(), " by=", s["uuid"], " took=", s["ms"], "ms"]),
            ("kv", ["ts=", s["time"], " event=claim member_id=", p.plan(), " amount=", s["money"], " icd=", s["icd"], " invoice=", s["order"]]),
            ("kv", ["ts=", s["time"], " event=deploy version=", s["version"], " sha=", s["git"], " host=", s["host"], " pods=", s["count"]]),
            ("kv", ["ts=", s["time"], " event=transport plate_number=", Text("KTR-" + p.digits(4), "VEHICLE"), " passport=", p.licence()]),
            ("kv", ["ts=", s["time"], " event=telemetry device_serial=", p.device(), " battery=", s["count"]])]


def structures(p, s):
    return [("json", ['{"time":"', s["time"], '","msg":"reminder sent","recipient":{"given_name":"', p.first(), '","family_name":"', p.last(), '","mobile":"', p.phone(), '"},"trace_id":"', s["trace"], '"}']),
            ("json", ['{"time":"', s["time"], '","msg":"Charged card ', p.card(), ' for ', s["money"], '","order":"', s["order"], '"}']),
            ("json", ['{"time":"', s["time"], '","level":"error","error":"no slot for ', p.name(), ' on ', p.visit(), '","path":"/api/v2/slots"}']),
            ("json", ['{"time":"', s["time"], '","remote_addr":"', p.client(), '","upstream":"', s["server"], ':8443","status":200,"bytes":', s["count"], '}']),
            ("json", ['{"time":"', s["time"], '","body":"{\\"patient\\":{\\"lastName\\":\\"', p.last(), '\\",\\"dob\\":\\"', p.born(), '\\"}}","request_id":"', s["uuid"], '"}']),
            ("json", ['{"time":"', s["time"], '","account_number":"', p.account(), '","home_address":"', p.street(), '","zip":"', p.zip(), '"}']),
            ("fhir", ['{"resourceType":"RelatedPerson","patient":{"reference":"Patient/', s["uuid"], '","display":"', p.name(), '"},"name":[{"text":"', p.name(), '"}],"telecom":[{"system":"phone","value":"', p.phone(), '"}]}']),
            ("fhir", ['{"resourceType":"Encounter","subject":{"display":"', p.reversed(), '"},"period":{"start":"', p.visit(), '","end":"', p.visit(), '"},"class":{"code":"AMB"}}']),
            ("hl7", ["PID|1||", p.mrn(), "^^^HOSP^MR||", p.shouted(), "||", p.born_hl7(), "|M|||", p.street(), "^^", p.town(), "^OR^", p.zip(), "||", p.phone(), "|||||", p.account(), "|", p.ssn()]),
            ("hl7", ["GT1|1||", p.shouted(), "||", p.street(), "^^", p.town(), "^WA^", p.zip(), "|", p.phone()]),
            ("hl7", ["IN1|1|PPO|", "77", "|", "ACME||||||||||||", p.shouted(), "|SEL|", p.born_hl7()])]


def requests(p, s):
    return [("http", [p.client(), " - - [14/Mar/2026:09:26:53 +0100] \"GET /v1/charts?first_name=", p.first(), "&birthdate=", p.born(), " HTTP/1.1\" 200 ", s["count"]]),
            ("http", [s["server"], " - - [14/Mar/2026:09:26:53 +0100] \"PUT /v1/patients/", p.mrn(), "/allergies HTTP/1.1\" 204 0 \"", p.page(), "\""]),
            ("http", [p.client6(), " - - [14/Mar/2026:09:26:53 +0100] \"GET /health HTTP/1.1\" 200 2"]),
            ("http", [s["server"], " - - [14/Mar/2026:09:26:53 +0100] \"GET /assets/main.", s["git"], ".css HTTP/2.0\" 304 0"])]


def prose(p, s):
    return [("text", [s["stamp"], " Discharge letter for ", p.name(), " mailed to ", p.street(), ", ", p.town()]),
            ("text", [s["stamp"], " Call ", p.phone(), " and ask for Mrs. ", p.last()]),
            ("text", [s["stamp"], " Faxed referral to ", p.fax(), " (pages: ", s["count"], ")"]),
            ("text", [s["stamp"], " SSN ", p.ssn(), " already on file, chart ", p.mrn()]),
            ("text", [s["stamp"], " Dear ", p.first(), ", we moved your appointment to ", p.visit()]),
            ("text", [s["stamp"], " Backup of ward finished in ", s["ms"], " s, ", s["count"], " files, release ", s["version"]]),
            ("text", [s["stamp"], " Rebalancing partitions of Apache Kafka topic admissions on ", s["host"]]),
            ("text", [s["stamp"], " Duplicate: ", p.reversed(), " (", p.born(), ") and ", p.reversed()])]


def main():
    seed, count = (sys.argv[1:] + ["own", "1000"])[:2]
    rng = random.Random("pgward-" + seed)
    for number in range(int(count)):
        p, s = Person(rng), sign_of_program(rng)
        form, parts = rng.choice([line for group in (postgres, programs, structures, requests, prose) for line in group(p, s)])
        text, spans, kept = b"", [], []
        for part in parts:
            piece = str(part).encode()
            if kind := getattr(part, "kind", None):
                (kept if kind == "keep" else spans).append([len(text), len(text) + len(piece), kind])
            text += piece
        print(json.dumps({"id": f"{seed}-{number + 1:05}", "fmt": form, "text": text.decode(), "phi": spans, "keep": kept}, ensure_ascii=False))


main()
