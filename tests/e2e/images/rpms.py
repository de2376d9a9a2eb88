"""Databases that rpm writes, of packages that rpmbuild makes, and AlmaLinux's advisories by rpm's own comparison."""

import collections
import contextlib
import functools
import glob
import hashlib
import json
import os
import sqlite3
import struct
import subprocess

from advisories import advisory_lines, scan
from base import (ADVISORIES, SEAWALL, Failure, Skip, bill, keep, need, once, output, program, purls, same)

DATABASE = 'usr/lib/sysimage/rpm'
FIELDS = ('name', 'epoch', 'version', 'release', 'arch', 'source', 'license')
FORM = r'%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{LICENSE}\n'

# ---- packages

LICENSES = ['MIT', 'GPL-2.0-or-later', 'Apache-2.0', 'LGPL-2.1-only AND MIT', 'BSD-3-Clause OR GPL-2.0-only']
VERSIONS = ['1.0', '1.0~rc1', '1.0^20230401git0123abc', '2.34~beta^1', '10.20.30', '2023c', '1_2', '0~0', '5.14.0+1',
            '3.0.7.a', '00012', '9e']
RELEASES = ['1', '1.el9', '27.el9_3.alma.1', '0.1.rc2.el9', '1^post1', '4.module_el9.2.0+31+abcdef01']
NAMES = ['lib{}', '{}-libs', '{}++', 'perl-{}-XS', 'python3.11-{}', '{}_ng', '{}-x.y', 'java-1.8.0-{}', '{}-devel',
         'g{}2.0']


def spec_head(name, epoch, version, release, license_):
    return (f'Name: {name}\nEpoch: {epoch}\nVersion: {version}\nRelease: {release}\nSummary: Nothing\n'
            f'License: {license_}\n\n%description\nNothing.\n\n')


def spec_part(name, epoch, version, release, license_, noarch):
    text = (f'%package -n {name}\nEpoch: {epoch}\nVersion: {version}\nRelease: {release}\nSummary: Nothing\n'
            f'License: {license_}\n')
    return text + ('BuildArch: noarch\n' if noarch else '') + f'%description -n {name}\nNothing.\n\n'


def spec_files(names):
    """A file each, and one of the documentation."""
    text = '%install\nmkdir -p %{buildroot}/usr/share/made %{buildroot}/usr/share/doc/made\n'
    text += ''.join(f'echo {name} >%{{buildroot}}/usr/share/made/{name}\n'
                    f'echo {name} >%{{buildroot}}/usr/share/doc/made/{name}\n' for name in names)
    for i, name in enumerate(names):
        text += '\n%files' + (f' -n {name}' if i else '')
        text += f'\n/usr/share/made/{name}\n%doc /usr/share/doc/made/{name}\n'
    return text


def all_kinds():
    """Specs of packages with all that versions, names and architectures may be; and what to build them for."""
    count = 0
    for source in range(12):
        def take(values):
            return values[(count * 7 + source) % len(values)]
        names, text = [f'source{source}'], ''
        text += spec_head(names[0], source % 3, VERSIONS[source], RELEASES[source % len(RELEASES)], 'MIT')
        for part in range(25):
            count += 1
            names.append(take(NAMES).format(f'made{source}x{part}'))
            text += spec_part(names[-1], count % 4, take(VERSIONS), take(RELEASES), take(LICENSES), count % 5 == 0)
        yield text + spec_files(names), ('i686', 'x86_64', 'aarch64')[source % 3]


def build(specs, folder):
    """Packages of specs, below the folder."""
    need('rpmbuild', 'rpm')
    for i, (spec, architecture) in enumerate(specs):
        path = f'{folder}/{i}.spec'
        with open(path, 'w') as out:
            out.write(spec)
        output('rpmbuild', '-bb', '--quiet', '--target', f'{architecture}-linux', '--define', f'_topdir {folder}',
               '--define', '__os_install_post %{nil}', path)


def built(name, specs):
    """The packages, kept as long as the specs are the same."""
    digest = hashlib.sha256(repr(specs).encode()).hexdigest()[:16]
    return sorted(glob.glob(f'{keep(f"rpm-{name}-{digest}", functools.partial(build, specs))}/RPMS/*/*.rpm'))


def rpm(root, *args):
    need('rpm', 'rpm')
    return output('rpm', '--dbpath', f'{root}/{DATABASE}', *args)


def rpm_root(root, os_release, database=DATABASE):
    for folder in (database, 'etc'):
        os.makedirs(f'{root}/{folder}')
    with open(f'{root}/etc/os-release', 'w') as out:
        out.write(os_release)


def install(root, packages, *more):
    """Into the database alone: no file of a package, and nothing of this machine."""
    rpm(root, *more, '--install', '--nodeps', '--justdb', '--ignorearch', '--ignoreos', *packages)


def installed(root, *more, database=DATABASE):
    """What rpm -qa says, by FIELDS."""
    text = output('rpm', '--dbpath', f'{root}/{database}', *more, '--query', '--all', '--queryformat', FORM).decode()
    found = set()
    for line in text.splitlines():
        name, epoch, version, release, architecture, source, license_ = line.split('\t')
        # Keys have neither; then a package is its own source.
        source = f'{name}-{version}-{release}.src.rpm' if source == '(none)' else source
        found.add((name, epoch, version, release, architecture.replace('(none)', ''), source, license_))
    return found


# ---- what seawall says

def qualifiers(purl):
    return dict(part.split('=', 1) for part in purl.partition('?')[2].split('#')[0].split('&') if '=' in part)


def license_of(component):
    said = component.get('licenses', [])
    return ' '.join(l.get('expression') or l['license'].get('id') or l['license'].get('name') for l in said)


def property_of(component, name, otherwise):
    found = [p['value'] for p in component.get('properties', []) if p['name'] == f'seawall:{name}']
    return found[0] if found else otherwise


def without_epoch(version):
    return version.rpartition(':')[2]


def listed(target):
    """By FIELDS; the source is given by name and version, and only where it differs."""
    found = set()
    for component in bill(target):
        if not component.get('purl', '').startswith('pkg:rpm/'):
            continue
        (_, name, full), = purls([component])
        more = qualifiers(component['purl'])
        version, _, release = full.rpartition('-')
        source = property_of(component, 'source', component['name'])
        source_version = without_epoch(property_of(component, 'source-version', component['version']))
        found.add((name.rpartition('/')[2], more.get('epoch', '0'), version, release, more.get('arch', ''),
                   f'{source}-{source_version}.src.rpm', license_of(component)))
    return found


# ---- cases

OS_RELEASES = {'rocky': 'ID="rocky"\nVERSION_ID="9.3"\nID_LIKE="rhel centos fedora"\n',
               'opensuse': 'ID="opensuse-leap"\nVERSION_ID="15.5"\nID_LIKE="suse opensuse"\n',
               'alma': 'ID="almalinux"\nVERSION_ID="9.0"\nID_LIKE="rhel centos fedora"\n'}


def import_key(root):
    """rpm keeps the keys that it trusts as packages, without architecture, source or licence."""
    need('gpg', 'gpg')
    home = f'{root}.gpg'
    os.makedirs(home, mode=0o700)
    gpg = functools.partial(output, 'gpg', '--homedir', home, '--batch', '--quiet', '--no-autostart')
    output('gpg', '--homedir', home, '--batch', '--quiet', '--passphrase', '', '--quick-generate-key',
           'Packager <packager@example.org>', 'rsa2048', 'sign', 'never')
    with open(f'{home}/key.asc', 'wb') as out:
        out.write(gpg('--armor', '--export'))
    output('gpgconf', '--homedir', home, '--kill', 'all')
    rpm(root, '--import', f'{home}/key.asc')


@once
def sqlite_root(work):
    root = f'{work}/rpm-sqlite'
    rpm_root(root, OS_RELEASES['rocky'])
    install(root, built('kinds', list(all_kinds())))
    if not os.path.exists(f'{root}/{DATABASE}/rpmdb.sqlite'):
        raise Skip('this rpm writes no SQLite')
    import_key(root)
    return root


def compare(root, *more, **kwargs):
    theirs = installed(root, *more, **kwargs)
    same('rpm -qa', listed(f'dir:{root}'), theirs)
    return f'{len(theirs)} packages'


def case_sqlite(work):
    return compare(sqlite_root(work))


def case_removed(work):
    """What was removed leaves gaps in the database, and pages that are free."""
    root = f'{work}/rpm-removed'
    output('cp', '-a', sqlite_root(work), root)
    rpm(root, '--erase', '--nodeps', '--justdb', *sorted(name for name, *_ in installed(root))[::3])
    return compare(root)


def case_ndb(work):
    need('rpm', 'rpm')
    root = f'{work}/rpm-ndb'
    backend = ('--define', '_db_backend ndb')
    rpm_root(root, OS_RELEASES['opensuse'])
    subprocess.run(['rpm', *backend, '--dbpath', f'{root}/{DATABASE}', '--initdb'], stderr=subprocess.DEVNULL,
                   check=False)
    if not os.path.exists(f'{root}/{DATABASE}/Packages.db'):
        raise Skip("this rpm writes no ndb (Debian's does not)")
    install(root, built('kinds', list(all_kinds())), *backend)
    return compare(root, *backend)


def case_bdb(work):
    """The same headers in a Berkeley DB, as its own tool writes it and rpm still reads it."""
    load = program('db5.3_load', 'db5.3-util')
    root, database = f'{work}/rpm-bdb', 'var/lib/rpm'
    with contextlib.closing(sqlite3.connect(f'file:{sqlite_root(work)}/{DATABASE}/rpmdb.sqlite?mode=ro',
                                            uri=True)) as db:
        rows = db.execute('SELECT hnum, blob FROM Packages ORDER BY hnum').fetchall()
    rpm_root(root, OS_RELEASES['opensuse'], database)
    dump = ['VERSION=3', 'format=bytevalue', 'type=hash', 'db_pagesize=4096', 'HEADER=END']
    for number, blob in [(0, struct.pack('<I', rows[-1][0])), *rows]:
        dump += [' ' + struct.pack('<I', number).hex(), ' ' + blob.hex()]
    output(load, f'{root}/{database}/Packages', input='\n'.join([*dump, 'DATA=END', '']).encode())
    return compare(root, '--define', '_db_backend bdb_ro', database=database)


# ---- findings

ALMA = 'AlmaLinux:9'
PACKAGES_OF_ADVISORIES = 120


@functools.lru_cache(maxsize=None)
def alma_fixes():
    """Package to pairs of CVE and the version that mends it."""
    fixes = collections.defaultdict(set)
    for line in advisory_lines('almalinux.osv.jsonl.zst').splitlines():
        advisory = json.loads(line)
        cves = [i for i in advisory.get('related', []) + advisory.get('aliases', []) if i.startswith('CVE-')]
        for affected in advisory['affected']:
            if affected['package']['ecosystem'] == ALMA:
                fixes[affected['package']['name']] |= {(cve, event['fixed']) for range_ in affected['ranges']
                                                       for event in range_['events'] if 'fixed' in event
                                                       for cve in cves}
    return fixes


def whole(version):
    return version if ':' in version else f'0:{version}'


def compare_versions(pairs):
    """rpm's own answer for each pair, in one go."""
    pairs = sorted(pairs)
    if not pairs:
        raise Failure('there is nothing to be compared')
    script = ' '.join(f'print(rpm.vercmp("{a}", "{b}"), "")' for a, b in pairs)
    answers = output('rpm', '--eval', '%{lua: ' + script + '}').split()
    return dict(zip(pairs, map(int, answers)))


def alma_spec(chosen):
    """One package each; of some the version that mends, of others one just before it."""
    names, text = ['made-of-advisories'], spec_head('made-of-advisories', 0, '1', '1', 'MIT')
    for i, (name, fixed) in enumerate(chosen):
        epoch, _, rest = whole(fixed).partition(':')
        version, _, release = rest.rpartition('-')
        if i % 3 == 1:
            release = '0' + release
        elif i % 3 == 2:
            version += '~rc1'
        names.append(name)
        text += spec_part(name, epoch, version, release, 'MIT', False)
    return text + spec_files(names)


def chosen_packages():
    """Some of the names, each with a version in the middle of those that mend something."""
    fixes = alma_fixes()
    names = sorted(name for name, found in fixes.items()
                   if found and all('module' not in fixed for _, fixed in found))
    for name in names[::max(1, len(names) // PACKAGES_OF_ADVISORIES)]:
        versions = sorted({fixed for _, fixed in fixes[name]})
        yield name, versions[len(versions) // 2]


def case_findings(work):
    if not os.path.isdir(ADVISORIES):
        raise Skip('../shared/conformance/advisories is not there')
    need('zstd', 'zstd')
    root, db = f'{work}/rpm-alma', f'{work}/rpm-alma.db'
    rpm_root(root, OS_RELEASES['alma'])
    install(root, built('advisories', [(alma_spec(list(chosen_packages())), 'x86_64')]))
    output(SEAWALL, 'db', 'build', '--output', db, f'{ADVISORIES}/almalinux.osv.jsonl.zst')
    candidates = {(name, f'{epoch}:{version}-{release}', cve, fixed)
                  for name, epoch, version, release, *_ in installed(root)
                  for cve, fixed in alma_fixes().get(name, ())}
    order = compare_versions({(have, whole(fixed)) for _, have, _, fixed in candidates})
    theirs = {(name, have, cve) for name, have, cve, fixed in candidates if order[have, whole(fixed)] < 0}
    ours = scan(db, f'dir:{root}')
    same('findings', {(name, whole(version), cve) for name, version, cve, _ in ours}, theirs)
    for name, have, cve, fixed in ours:
        if (name, whole(have), cve, fixed) not in candidates or order[whole(have), whole(fixed)] >= 0:
            raise Failure(f'{name} {have}: {fixed} does not mend {cve}')
    return f'{len(ours)} findings in {len({n for n, *_ in ours})} of {len({n for n, *_ in candidates})} packages'


CASES = [('rpm sqlite', case_sqlite), ('rpm removed', case_removed), ('rpm ndb', case_ndb), ('rpm bdb', case_bdb),
         ('rpm findings', case_findings)]
