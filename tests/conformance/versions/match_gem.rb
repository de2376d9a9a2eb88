# Requirements and versions on standard input; whether Gem::Requirement says that they match on standard
# output, twice; E where it refuses the requirement.
require "rubygems"

$stdin.each_line(chomp: true) do |line|
  requirement, version = line.split("\t", -1)
  begin
    match = Gem::Requirement.new(requirement.split(",")).satisfied_by?(Gem::Version.new(version))
    puts match ? "11" : "00"
  rescue ArgumentError
    puts "E"
  end
end
