"""Systems of Debian and Ubuntu: packages, findings, and the forms in which an image can be given."""

import functools
import json
import shutil
import subprocess

from advisories import database, debian_fixes, is_lower, scan, ubuntu_fixes
from base import SEAWALL, Failure, bill, difference, output, same
from registry import Registry
from systems import SYSTEMS, system


def case_packages(_, made):
    ours = {(c['name'], c['version']) for c in bill(f'oci:{made.layout}:system')
            if c.get('purl', '').startswith('pkg:deb/')}
    same('packages', ours, {(name, version) for name, version, *_ in made.installed()})
    return f'{len(ours)} packages'


def expected_findings(made):
    system = made.system
    fixes = debian_fixes(system.suite) if system.family == 'debian' else ubuntu_fixes(system.release)
    expected = set()
    for name, version, _, source, source_version in made.installed():
        lowest = {}
        for cve, fixed in fixes.get(source, ()):
            if is_lower(source_version, fixed) and (cve not in lowest or is_lower(fixed, lowest[cve])):
                lowest[cve] = fixed
        expected |= {(name, version, cve, fixed) for cve, fixed in lowest.items()}
    return expected


def case_findings(work, made):
    ours = {(n, v, i.replace('UBUNTU-', ''), f) for n, v, i, f in scan(database(work), f'oci:{made.layout}:system')}
    same('findings', ours, expected_findings(made))
    return f'{len(ours)} findings in {len({n for n, *_ in ours})} packages'


def case_forms(work, made):
    db = database(work)
    expected = scan(db, f'oci:{made.layout}:system')
    archive = f'{made.work}/oci.tar'
    output('tar', '-C', made.layout, '-cf', archive, 'oci-layout', 'index.json', 'blobs')
    difference('oci-archive', scan(db, archive), expected)
    difference('directory', scan(db, f'dir:{made.root}'), expected)
    with open(archive, 'rb') as f:
        with subprocess.Popen(['cat'], stdin=f, stdout=subprocess.PIPE) as cat:
            difference('standard input', scan(db, '-', stdin=cat.stdout), expected)
    if not shutil.which('skopeo'):
        return 'oci-archive, directory, standard input (docker-archive needs skopeo)'
    docker = f'{made.work}/docker.tar'
    output('skopeo', 'copy', f'oci:{made.layout}:system', f'docker-archive:{docker}:web:1')
    difference('docker-archive', scan(db, docker), expected)
    output('gzip', '-1', docker)
    difference('docker-archive, packed', scan(db, docker + '.gz'), expected)
    return 'oci-archive, docker-archive, directory, standard input'


def signatures(registry, made):
    """A tag as cosign makes it for a signature; what stands behind it is not looked at."""
    def unsigned():
        text = output(SEAWALL, 'scan', 'image', '--no-cache', '--rule', 'image-unsigned', '--format', 'json',
                      *registry.options(), f'{registry.host}/team/system:1')
        return [f['rule'] for f in json.loads(text)['findings']]
    if unsigned() != ['image-unsigned']:
        raise Failure(f'without a signature: {unsigned()}')
    with open(f'{made.layout}/index.json') as index:
        digest = json.load(index)['manifests'][0]['digest']
    registry.push(made.layout, f'team/system:{digest.replace(":", "-")}.sig')
    if unsigned():
        raise Failure(f'with a signature: {unsigned()}')


def case_registry(work, made):
    db = database(work)
    registry = Registry(made.work)
    try:
        registry.push(made.layout, 'team/system:1')
        registry.push(made.layout, 'team/system:2')
        expected = scan(db, f'oci:{made.layout}:system')
        difference('registry', scan(db, f'{registry.host}/team/system:1', *registry.options()), expected)
        with open(f'{registry.work}/none.json', 'w') as out:
            out.write('{}')
        refused = subprocess.run([SEAWALL, 'scan', 'image', '--db', db, '--no-cache', '--registry-ca',
                                  f'{registry.work}/ca.pem', '--registry-auth',
                                  f'{registry.work}/none.json',
                                  f'{registry.host}/team/system:1'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 check=False)
        if refused.returncode != 2 or b'login' not in refused.stdout:
            raise Failure(f'without a login: status {refused.returncode}\n{refused.stdout.decode()}')
        signatures(registry, made)
        cache = f'{registry.work}/cache'
        for _ in range(2):
            text = output(SEAWALL, 'scan', 'registry', '--db', db, '--cache-dir', cache, '--scanners', 'vuln',
                          '--severity', 'unknown', '--fail-on', 'never', '--format', 'json', *registry.options(),
                          registry.host)
            report = json.loads(text)
            found = {(f['package']['name'], f['package']['version'], f['rule'], f['package'].get('fixedVersion', ''))
                     for f in report['findings'] if 'package' in f}
            difference('scan registry', found, expected)
            if report['summary']['files'] != 1:
                raise Failure(f'one digest under two tags was scanned {report["summary"]["files"]} times')
    finally:
        registry.end()
    return 'TLS, login, signature, one digest under two tags'


def of_system(case, which, work):
    return case(work, system(work, which))


CASES = [(f'{name} {which.name}', functools.partial(of_system, case, which))
         for name, case, systems in (('packages', case_packages, SYSTEMS), ('findings', case_findings, SYSTEMS),
                                     ('forms', case_forms, SYSTEMS[1:2]), ('registry', case_registry, SYSTEMS[1:2]))
         for which in systems]
