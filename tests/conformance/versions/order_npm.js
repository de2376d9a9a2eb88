// Pairs on standard input, their order by node-semver on standard output; E where it refuses one.
const semver = require('semver')

const lines = require('fs').readFileSync(0, 'latin1').split('\n')
lines.pop()
const out = lines.map((line) => {
  const [left, right] = line.split('\t')
  const valid = [left, right].map((v) => semver.valid(v) !== null)
  const order = valid[0] && valid[1] ? semver.compare(left, right) : 'E'
  return order + ' ' + valid.map(Number).join('')
})
console.log(out.join('\n'))
