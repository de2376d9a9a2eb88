"""The shared advisories: as seawall's database, and read separately for what findings are held against."""

import collections
import functools
import json
import os
import subprocess

from base import ADVISORIES, SEAWALL, Failure, Skip, need, output


@functools.lru_cache(maxsize=None)
def is_lower(a, b):
    return subprocess.run(['dpkg', '--compare-versions', a, 'lt', b], check=False).returncode == 0


def advisory_lines(name):
    return output('zstd', '-dc', f'{ADVISORIES}/{name}').decode()


@functools.lru_cache(maxsize=None)
def debian_fixes(suite):
    """Source package to pairs of CVE and the version that mends it."""
    fixes = collections.defaultdict(list)
    for source, cves in json.loads(advisory_lines('debian-tracker-subset.json.zst')).items():
        for cve, about in cves.items():
            here = about['releases'].get(suite)
            if here and here.get('status') == 'resolved' and here.get('fixed_version', '0') != '0':
                fixes[source].append((cve, here['fixed_version']))
    return fixes


@functools.lru_cache(maxsize=None)
def ubuntu_fixes(release):
    fixes = collections.defaultdict(list)
    for line in advisory_lines('ubuntu.osv.jsonl.zst').splitlines():
        advisory = json.loads(line)
        cve = advisory['id'].replace('UBUNTU-', '')
        for affected in advisory['affected']:
            if affected['package']['ecosystem'] != f'Ubuntu:{release}:LTS':
                continue
            for range_ in affected['ranges']:
                for event in range_['events']:
                    if 'fixed' in event:
                        fixes[affected['package']['name']].append((cve, event['fixed']))
    return fixes


def database(work):
    if not os.path.isdir(ADVISORIES):
        raise Skip('../shared/conformance/advisories is not there')
    need('zstd', 'zstd')
    path = f'{work}/advisories.db'
    if not os.path.exists(path):
        output(SEAWALL, 'db', 'build', '--output', path, f'{ADVISORIES}/debian-tracker-subset.json.zst',
               f'{ADVISORIES}/ubuntu.osv.jsonl.zst')
    return path


def scan(db, target, *more, **kwargs):
    done = subprocess.run([SEAWALL, 'scan', 'image', '--scanners', 'vuln', '--no-cache', '--no-config', '--db', db,
                           '--severity', 'unknown', '--fail-on', 'never', '--format', 'json', *more, target],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **kwargs)
    if done.returncode:
        raise Failure(f'scan image {target}: status {done.returncode}\n'
                      f'{(done.stdout + done.stderr).decode(errors="replace")[-2000:]}')
    report = json.loads(done.stdout)
    found = set()
    for finding in report['findings']:
        package = finding.get('package')
        if package:
            found.add((package['name'], package['version'], finding['rule'], package.get('fixedVersion', '')))
    return found
