"""What all cases use: where things are, programs, and how lists are compared."""

import functools
import glob
import json
import os
import shutil
import subprocess
import tempfile
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
SEAWALL = os.environ.get('SEAWALL', f'{ROOT}/build/release/src/cmd/seawall')
SHARED = os.environ.get('SEAWALL_SHARED', f'{ROOT}/../shared')
ADVISORIES = f'{SHARED}/conformance/advisories'
KEPT = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'seawall/images')
SECONDS = 300

# What is to be called when all cases are done: ends what was started for several of them.
ENDING = []


class Skip(Exception):
    pass


class Failure(Exception):
    pass


def once(make):
    """What it gives the first time, and what it raises then, for the same arguments ever after."""
    @functools.lru_cache(maxsize=None)
    def tried(*args):
        try:
            return make(*args), None
        except (Skip, Failure) as why:
            return None, why

    @functools.wraps(make)
    def call(*args):
        result, why = tried(*args)
        if why:
            raise why
        return result

    return call


def need(program, package):
    if not shutil.which(program):
        raise Skip(f'{program} is not installed (Debian package {package})')


def output(*args, **more):
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          **{'timeout': SECONDS, **more})
    if done.returncode:
        raise Failure(f'{" ".join(args)}: status {done.returncode}\n{done.stderr.decode(errors="replace")[-2000:]}')
    return done.stdout


def difference(name, ours, theirs):
    if ours == theirs:
        return
    only = sorted(ours - theirs)[:5], sorted(theirs - ours)[:5]
    raise Failure(f'{name}: {len(ours)} and {len(theirs)}; only seawall: {only[0]}; only the others: {only[1]}')


def same(name, ours, theirs):
    """Equal, and not because there is nothing."""
    difference(name, ours, theirs)
    if not ours:
        raise Failure(f'{name}: there is nothing to be found')


# ---- what is kept from run to run

def keep(name, make):
    """The folder of that name; made by make(FOLDER), once, and only kept if that raised nothing."""
    path = f'{KEPT}/{name}'
    if os.path.isdir(path):
        return path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = tempfile.mkdtemp(prefix=f'{os.path.basename(name)}.part-', dir=os.path.dirname(path))
    try:
        make(part)
        os.chmod(part, 0o755)
        os.rename(part, path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return path


def debian_package(name):
    """What a Debian package has in it, unpacked; the machine stays as it is."""
    def make(folder):
        if not shutil.which('apt-get'):
            raise Skip(f'Debian package {name} is not installed, and there is no apt-get to fetch it')
        with tempfile.TemporaryDirectory() as download:
            os.chmod(download, 0o777)
            done = subprocess.run(['apt-get', '-q', 'download', name], cwd=download, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
            files = glob.glob(f'{download}/*.deb')
            if done.returncode or len(files) != 1:
                raise Skip(f'Debian package {name} is not installed and could not be fetched (apt-get update?)')
            output('dpkg-deb', '-x', files[0], folder)

    return keep(f'debian/{name}', make)


def packaged(name, package):
    """A program of a Debian package, whatever is installed here."""
    for folder in ('usr/bin', 'bin', 'usr/sbin'):
        path = f'{debian_package(package)}/{folder}/{name}'
        if os.path.exists(path):
            return path
    raise Skip(f'{name} is not installed (Debian package {package})')


def program(name, package):
    return shutil.which(name) or packaged(name, package)


# ---- what seawall says

def bill(target, *more, **kwargs):
    """The components of a bill of materials."""
    text = output(SEAWALL, 'sbom', '--no-cache', '--quiet', *more, target, **kwargs)
    return json.loads(text).get('components', [])


def purl_parts(purl):
    """Type, name with its namespace, and version."""
    path = purl.removeprefix('pkg:').split('#')[0].split('?')[0]
    kind, rest = path.split('/', 1)
    name, _, version = rest.partition('@')
    return kind, urllib.parse.unquote(name), urllib.parse.unquote(version)


def purls(components, *kinds):
    parts = [purl_parts(c['purl']) for c in components if 'purl' in c]
    return {p for p in parts if not kinds or p[0] in kinds}
