# Pairs on standard input, their order by Gem::Version on standard output; E where it refuses one.
require "rubygems"

$stdin.each_line(chomp: true) do |line|
  pair = line.split("\t", -1)
  valid = pair.map { |v| Gem::Version.correct?(v) && !v.strip.empty? }
  order = valid.all? ? Gem::Version.new(pair[0]) <=> Gem::Version.new(pair[1]) : "E"
  puts "#{order} #{valid.map { |v| v ? 1 : 0 }.join}"
end
