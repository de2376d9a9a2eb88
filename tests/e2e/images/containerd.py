"""What containerd keeps, put there by containerd itself: while it runs, while it is written to, and after it ended."""

import functools
import io
import json
import os
import shutil
import subprocess
import tarfile
import threading
import time

from advisories import database, scan
from base import ENDING, SEAWALL, Failure, Skip, bill, need, once, output, program, same
from systems import any_system, make_layout

NAMESPACE = 'k8s.io'
SYSTEM = 'example.org/team/system:1'
SMALL = 'example.org/team/small:3'
SEVERAL = 'example.org/team/several:1'
DOCKER = 'example.org/team/docker:1'
PLATFORMS = {'amd64': '1.0.0', 'arm64': '2.0.0'}
START_SECONDS = 30
OTHER_NAMES = 400  # more than a page of its database holds


class Containerd:
    """containerd with folders and sockets of its own; without the plugin of Kubernetes, which would want a network."""

    def __init__(self, work):
        if os.geteuid() != 0:
            raise Skip('containerd takes root')
        need('setpriv', 'util-linux')
        self.work = f'{work}/containerd'
        self.root, self.socket = f'{self.work}/root', f'{self.work}/socket'
        self.server, self.client = program('containerd', 'containerd'), program('ctr', 'containerd')
        os.makedirs(self.work)
        # JSON's strings are TOML's, too.
        with open(f'{self.work}/config.toml', 'w') as out:
            out.write(f'version = 2\nroot = {json.dumps(self.root)}\nstate = {json.dumps(self.work + "/state")}\n'
                      'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]\n'
                      f'[grpc]\naddress = {json.dumps(self.socket)}\n'
                      f'[ttrpc]\naddress = {json.dumps(self.socket + ".ttrpc")}\n')
        self.process = None
        ENDING.append(self.end)
        self.start()

    def start(self):
        with open(f'{self.work}/log', 'ab') as log:
            self.process = subprocess.Popen(
                ['setpriv', '--pdeathsig', 'KILL', '--', self.server, '--config', f'{self.work}/config.toml'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS
        while subprocess.run([self.client, '-a', self.socket, 'version'], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, check=False).returncode:
            if time.monotonic() > end or self.process.poll() is not None:
                with open(f'{self.work}/log', errors='replace') as log:
                    raise Failure(f'containerd does not start: {log.read()[-1000:]}')
            time.sleep(0.05)

    def __call__(self, *args, namespace=NAMESPACE):
        return output(self.client, '-a', self.socket, '-n', namespace, *args)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


# ---- images

def small_tar(version):
    """A layer with a package of npm in it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w') as tar:
        text = json.dumps({'name': 'small', 'version': version, 'license': 'MIT'}).encode()
        info = tarfile.TarInfo('srv/node_modules/small/package.json')
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    return buffer.getvalue()


def archive_of(layout, name):
    """An archive of a layout that says what its image is called; that of several platforms gets no name here."""
    path = f'{layout}.tar'
    with open(f'{layout}/index.json') as f:
        index = json.load(f)
    for manifest in index['manifests']:
        manifest['annotations'] = {'io.containerd.image.name': name} if name else {}
    folder = f'{layout}.index'
    os.makedirs(folder)
    with open(f'{folder}/index.json', 'w') as out:
        json.dump(index, out)
    output('tar', '-cf', path, '-C', folder, 'index.json', '-C', layout, 'oci-layout', 'blobs')
    return path, index['manifests'][0]['digest']


def platforms_archive(layout):
    """Two platforms, with a version each."""
    manifests = []
    for architecture, version in PLATFORMS.items():
        make_layout(layout, [small_tar(version)], architecture)
        with open(f'{layout}/index.json') as f:
            manifests.append(dict(json.load(f)['manifests'][0],
                                  platform={'os': 'linux', 'architecture': architecture}))
    with open(f'{layout}/index.json', 'w') as out:
        json.dump({'schemaVersion': 2, 'manifests': manifests}, out)
    return archive_of(layout, None)[0]


class Store:
    """containerd with images in it, and the archives that they came from."""

    def __init__(self, work):
        self.containerd = Containerd(work)
        self.work = self.containerd.work
        self.fill(work)

    def fill(self, work):
        shutil.copytree(any_system(work, 'jammy', 'bullseye', 'bookworm', 'trixie').layout, f'{self.work}/system')
        self.system, self.system_digest = archive_of(f'{self.work}/system', SYSTEM)
        make_layout(f'{self.work}/small', [small_tar('3.0.0')])
        self.small, self.small_digest = archive_of(f'{self.work}/small', SMALL)
        load = functools.partial(self.containerd, 'images', 'import')
        load('--no-unpack', self.system)
        load('--snapshotter', 'native', self.small)
        load('--no-unpack', '--all-platforms', '--index-name', SEVERAL, platforms_archive(f'{self.work}/several'))
        if shutil.which('skopeo'):
            docker = f'{self.work}/docker.tar'
            output('skopeo', 'copy', f'oci:{self.work}/small:system', f'docker-archive:{docker}:{DOCKER}')
            load('--no-unpack', docker, namespace='default')
        self.containerd('images', 'tag', SMALL, *(f'example.org/many/image-{i}:1' for i in range(OTHER_NAMES)))

    def bill(self, name, *more):
        return components(f'{self.containerd.root}:{name}', *more)


@once
def store(work):
    return Store(work)


def components(target, *more):
    return {json.dumps(c, sort_keys=True) for c in bill(target, *more)}


def versions(target, *more):
    return {(c['name'], c['version']) for c in bill(target, *more)}


def refused(target, *words):
    done = subprocess.run([SEAWALL, 'sbom', '--no-cache', '--quiet', target], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode(errors='replace')
    if done.returncode != 2 or not all(word in text for word in words):
        raise Failure(f'{target}: status {done.returncode}, not a word of {words}\n{text[:1000]}')


# ---- cases

def compare(work):
    """Everything that is in it."""
    kept = store(work)
    expected = components(f'oci-archive:{kept.system}')
    same('by name', kept.bill(SYSTEM), expected)
    same('by digest', kept.bill(kept.system_digest), expected)
    same('unpacked, too', kept.bill(SMALL), components(f'oci-archive:{kept.small}'))
    same('one of many names', kept.bill(f'example.org/many/image-{OTHER_NAMES // 2}:1'), kept.bill(SMALL))
    same('content alone', components(f'{kept.containerd.root}/io.containerd.content.v1.content:{kept.system_digest}'),
         expected)
    for architecture, version in PLATFORMS.items():
        same(architecture, versions(f'{kept.containerd.root}:{SEVERAL}', '--platform', f'linux/{architecture}'),
             {('small', version)})
    if shutil.which('skopeo'):
        same('in another namespace, from Docker', versions(f'{kept.containerd.root}:{DOCKER}'), {('small', '3.0.0')})
    try:
        db = database(work)
        same('findings', scan(db, f'{kept.containerd.root}:{SYSTEM}'), scan(db, f'oci-archive:{kept.system}'))
    except Skip:
        pass  # no advisories here; the packages were compared
    refused(f'{kept.containerd.root}:example.org/team/none:1', 'example.org/team/none:1')
    refused(kept.containerd.root, 'several images')
    return f'{len(expected)} components, by name and digest, of several platforms, among {OTHER_NAMES} names'


def case_running(work):
    return compare(work)


def case_written(work):
    """Its database changes all the time."""
    kept, stop, failed, rounds = store(work), threading.Event(), [], [0]
    expected = components(f'oci-archive:{kept.small}')

    def write():
        try:
            while not stop.is_set():
                names = [f'example.org/later/image-{i}:1' for i in range(20)]
                kept.containerd('images', 'tag', '--force', SMALL, *names)
                kept.containerd('images', 'rm', *names)
                rounds[0] += 1
        except Failure as why:
            failed.append(why)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        read = 0
        while read < 20 or (rounds[0] < 3 and read < 1000 and not failed):
            same('while it is written', kept.bill(SMALL), expected)
            read += 1
    finally:
        stop.set()
        writer.join()
    if failed:
        raise failed[0]
    return f'read {read} times while {rounds[0] * 40} names came and went'


def case_ended(work):
    kept = store(work)
    kept.containerd('images', 'rm', '--sync', f'example.org/many/image-{OTHER_NAMES - 1}:1')
    kept.containerd.end()
    told = compare(work)
    refused(f'{kept.containerd.root}:example.org/many/image-{OTHER_NAMES - 1}:1', 'there is no image')
    # As with discard_unpacked_layers: what is unpacked is not kept besides.
    with open(f'{kept.work}/small/blobs/{kept.small_digest.replace(":", "/")}') as f:
        layer = json.load(f)['layers'][0]['digest']
    os.unlink(f'{kept.containerd.root}/io.containerd.content.v1.content/blobs/{layer.replace(":", "/")}')
    refused(f'{kept.containerd.root}:{SMALL}', 'discard_unpacked_layers')
    return told


CASES = [('containerd running', case_running), ('containerd written', case_written),
         ('containerd ended', case_ended)]
