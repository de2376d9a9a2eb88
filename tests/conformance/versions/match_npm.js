// Ranges and versions on standard input; whether node-semver says that they match, without and with
// pre-releases, on standard output; E where it refuses the range.
const semver = require('semver')

const lines = require('fs').readFileSync(0, 'latin1').split('\n')
lines.pop()
const out = lines.map((line) => {
  const [range, version] = line.split('\t')
  if (semver.validRange(range) === null) return 'E'
  return '' + Number(semver.satisfies(version, range)) +
    Number(semver.satisfies(version, range, { includePrerelease: true }))
})
console.log(out.join('\n'))
