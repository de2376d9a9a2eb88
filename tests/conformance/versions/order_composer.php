<?php
// Pairs on standard input, their order by composer/semver on standard output; E where it refuses one.
require 'Composer/Semver/autoload.php';

$parser = new Composer\Semver\VersionParser();

function normalized($parser, $text)
{
    try {
        $version = $parser->normalize($text);
    } catch (UnexpectedValueException $e) {
        return null;
    }
    return strpos($version, 'dev-') === 0 ? null : $version;
}

while (($line = fgets(STDIN)) !== false) {
    $pair = explode("\t", rtrim($line, "\n"));
    $left = normalized($parser, $pair[0]);
    $right = normalized($parser, $pair[1]);
    $valid = ($left === null ? '0' : '1') . ($right === null ? '0' : '1');
    echo $valid === '11' ? version_compare($left, $right) : 'E', ' ', $valid, "\n";
}
