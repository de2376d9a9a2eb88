"""Minimal systems that mmdebstrap makes, packed as OCI layouts: what all other cases build upon."""

import collections
import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile

from base import KEPT, Skip, need, once, output

System = collections.namedtuple('System', 'name suite family release')
SYSTEMS = [System('bullseye', 'bullseye', 'debian', '11'), System('bookworm', 'bookworm', 'debian', '12'),
           System('trixie', 'trixie', 'debian', '13'), System('jammy', 'jammy', 'ubuntu', '22.04')]


def system_tar(system):
    need('mmdebstrap', 'mmdebstrap')
    path = f'{KEPT}/{system.suite}.tar'
    if os.path.exists(path):
        return path
    if os.geteuid() != 0:
        raise Skip('making a system takes root')
    os.makedirs(KEPT, exist_ok=True)
    # As it was released: without what has been mended since.
    hook = r'sed -i -e "/-updates/d" -e "/-security/d" "$1/etc/apt/sources.list"'
    part = f'{KEPT}/part-{system.suite}.tar'
    trust = []
    if system.family == 'ubuntu' and not os.path.exists('/usr/share/keyrings/ubuntu-archive-keyring.gpg'):
        # Debian has no package with the keys; these bytes are looked at, not run outside of their root.
        trust = ['--aptopt=Acquire::AllowInsecureRepositories "true"', '--aptopt=APT::Get::AllowUnauthenticated "true"']
    done = subprocess.run(['mmdebstrap', '--quiet', '--variant=minbase', f'--setup-hook={hook}', *trust, system.suite,
                           part], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        if os.path.exists(part):
            os.unlink(part)
        last = done.stdout.decode(errors='replace').strip().splitlines()[-1:]
        raise Skip(f'{system.suite} could not be made ({" ".join(last)}); a mirror and its keyring are needed')
    os.rename(part, path)
    return path


def write_blob(where, data):
    digest = hashlib.sha256(data).hexdigest()
    with open(f'{where}/blobs/sha256/{digest}', 'wb') as out:
        out.write(data)
    return {'digest': f'sha256:{digest}', 'size': len(data)}


def make_layout(where, tars, architecture='amd64'):
    """An OCI layout of layers, each given as the bytes of a tar archive."""
    os.makedirs(f'{where}/blobs/sha256', exist_ok=True)
    kind = 'application/vnd.oci.image.'
    layers = [dict(write_blob(where, gzip.compress(tar, 1, mtime=0)), mediaType=kind + 'layer.v1.tar+gzip')
              for tar in tars]
    config = {'architecture': architecture, 'os': 'linux', 'config': {'User': 'app'},
              'history': [{'created_by': 'made by hand'} for _ in tars],
              'rootfs': {'type': 'layers',
                         'diff_ids': ['sha256:' + hashlib.sha256(tar).hexdigest() for tar in tars]}}
    config = dict(write_blob(where, json.dumps(config).encode()), mediaType=kind + 'config.v1+json')
    manifest = {'schemaVersion': 2, 'mediaType': kind + 'manifest.v1+json', 'config': config, 'layers': layers}
    manifest = dict(write_blob(where, json.dumps(manifest).encode()), mediaType=kind + 'manifest.v1+json')
    manifest['annotations'] = {'org.opencontainers.image.ref.name': 'system'}
    with open(f'{where}/index.json', 'w') as out:
        json.dump({'schemaVersion': 2, 'manifests': [manifest]}, out)
    with open(f'{where}/oci-layout', 'w') as out:
        out.write('{"imageLayoutVersion":"1.0.0"}')


def upper_layer():
    """A later layer with nothing in it that is a package."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w') as tar:
        info = tarfile.TarInfo('srv/readme')
        info.size = 6
        tar.addfile(info, io.BytesIO(b'hello\n'))
    return buffer.getvalue()


class Made:
    """What several cases look at."""

    def __init__(self, work, system):
        self.work, self.system = f'{work}/{system.name}', system
        self.tar = system_tar(system)
        os.makedirs(self.work)
        self.layout = f'{self.work}/layout'
        with open(self.tar, 'rb') as f:
            make_layout(self.layout, [f.read(), upper_layer()])
        self.root = f'{self.work}/root'
        os.makedirs(self.root)
        output('tar', '-C', self.root, '-xf', self.tar, './etc', './usr/lib/os-release', './var/lib/dpkg')

    def installed(self):
        form = '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n'
        text = output('dpkg-query', f'--admindir={self.root}/var/lib/dpkg', '-W', '-f', form).decode()
        return [tuple(line.split('\t')) for line in text.splitlines()]


@once
def system(work, which):
    return Made(work, which)


def any_system(work, *names):
    """The first of these systems that can be made here."""
    for which in sorted((s for s in SYSTEMS if s.name in names), key=lambda s: names.index(s.name)):
        try:
            return system(work, which)
        except Skip as why:
            last = why
    raise last
